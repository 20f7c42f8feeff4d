"""Invented people and places in Germany; numbers that the Bundesnetzagentur keeps for the media (notice 148/2021)."""

from __future__ import annotations

from arrears.demo.country import City, Country, listed

GERMANY = Country(
    code="DE",
    language="de",
    given_names=listed(
        """
        Andreas, Angelika, Anja, Anna, Ayşe, Barbara, Ben, Birgit, Christian, Claudia, Dirk, Elif, Emma, Felix,
        Finn, Frank, Gabriele, Hannah, Heike, Ines, Jan, Jana, Jens, Jonas, Jürgen, Karin, Katharina, Klaus,
        Lars, Lea, Lena, Leon, Lukas, Manfred, Marie, Markus, Martina, Mehmet, Michael, Monika, Niklas, Petra,
        Ralf, Sabine, Sebastian, Sophie, Stefan, Thomas, Uwe, Wolfgang
        """
    ),
    family_names=listed(
        """
        Albrecht, Arslan, Bauer, Baumann, Beck, Becker, Berger, Böhm, Brandt, Busch, Demir, Dietrich, Engel,
        Fischer, Frank, Franke, Fuchs, Graf, Groß, Günther, Haas, Hartmann, Heinrich, Herrmann, Hoffmann, Horn,
        Huber, Jäger, Jung, Kaiser, Kaya, Keller, Klein, Koch, König, Köhler, Krämer, Kraus, Krüger, Kühn,
        Lang, Lehmann, Lorenz, Ludwig, Maier, Möller, Müller, Neumann, Nowak, Otto, Peters, Pfeiffer, Richter,
        Roth, Schäfer, Schmitt, Scholz, Schröder, Schulz, Schwarz, Seidel, Simon, Sommer, Stein, Vogel, Weiß,
        Winkler, Yılmaz, Ziegler
        """
    ),
    streets=listed(
        """
        Hauptstraße, Bahnhofstraße, Gartenweg, Schillerstraße, Goethestraße, Lindenallee, Am Markt, Bergstraße,
        Kirchgasse, Schulstraße, Rosenweg, Mühlenweg, Ringstraße, Feldstraße, Beethovenstraße, Waldweg,
        Kastanienallee, Dorfstraße
        """
    ),
    cities=(
        City("Berlin", "BE", "101##", "+493023125###", "Europe/Berlin"),
        City("Hamburg", "HH", "200##", "+494066969###", "Europe/Berlin"),
        City("München", "BY", "803##", "+498999998###", "Europe/Berlin"),
        City("Köln", "NW", "506##", "+492214710###", "Europe/Berlin"),
        City("Frankfurt am Main", "HE", "603##", "+496990009###", "Europe/Berlin"),
    ),
    mobile="+4917139200##",
    mobile_in_city=False,
    trades=("Bau", "Elektrotechnik", "Gastronomie", "Logistik", "Malerbetrieb", "Metallbau", "Reisen", "Textil"),
    firm_form="{family} {trade} GmbH",
    legal_form="GmbH",
    house_number_last=True,
)
