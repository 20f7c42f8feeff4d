"""Invented people and places in the United Kingdom; numbers that the regulator Ofcom keeps for drama."""

from __future__ import annotations

from arrears.demo.country import City, Country, listed

UNITED_KINGDOM = Country(
    code="GB",
    language="en",
    given_names=listed(
        """
        Aisha, Alan, Alice, Amelia, Arthur, Bethan, Callum, Catherine, Ciara, Colin, David, Deepa, Eilidh,
        Eleanor, Ffion, Fiona, Freya, Gareth, George, Gillian, Hamish, Harriet, Imran, Isla, Jack, Jacqueline,
        James, Janet, Keith, Kieran, Lauren, Leila, Lewis, Malcolm, Margaret, Megan, Mohammed, Nigel, Oliver,
        Olivia, Paul, Poppy, Priya, Rhys, Rosie, Ruth, Sanjay, Sean, Siobhan, Yusuf
        """
    ),
    family_names=listed(
        """
        Ahmed, Ali, Armstrong, Atkinson, Baker, Begum, Bell, Brown, Burns, Chapman, Clarke, Cole, Cook, Davies,
        Dixon, Ellis, Fletcher, Fraser, Gallagher, Gibson, Griffiths, Hall, Hamilton, Harris, Hughes, Hussain,
        Jenkins, Jones, Kaur, Kennedy, Khan, King, Lewis, Lloyd, MacDonald, Marsh, Mason, McKenzie, Mills,
        Mitchell, Morgan, Murray, O'Connor, Owen, Palmer, Patel, Pearson, Phillips, Price, Reid, Roberts,
        Robinson, Ross, Shah, Shaw, Singh, Smith, Stone, Taylor, Thomas, Walsh, Ward, Watts, Webb, White,
        Wilson, Wood, Young
        """
    ),
    streets=listed(
        """
        High Street, Station Road, Church Lane, Victoria Road, Mill Lane, Albert Terrace, Manor Close,
        Queensway, The Crescent, Park View, Chapel Street, Orchard Drive, Grange Avenue, Windsor Road,
        Kingsway, Moorfield Road, Priory Gardens, School Lane
        """
    ),
    cities=(
        City("London", "England", "SE1 #AB", "+4420794600##", "Europe/London"),
        City("Manchester", "England", "M1 #AD", "+4416149600##", "Europe/London"),
        City("Birmingham", "England", "B1 #AE", "+4412149600##", "Europe/London"),
        City("Leeds", "England", "LS1 #AF", "+4411349600##", "Europe/London"),
        City("Liverpool", "England", "L1 #AG", "+4415149600##", "Europe/London"),
        City("Sheffield", "England", "S1 #AH", "+4411449600##", "Europe/London"),
        City("Bristol", "England", "BS1 #AJ", "+4411749600##", "Europe/London"),
        City("Newcastle upon Tyne", "England", "NE1 #AL", "+4419149800##", "Europe/London"),
        City("Edinburgh", "Scotland", "EH1 #AN", "+4413149600##", "Europe/London"),
        City("Glasgow", "Scotland", "G1 #AP", "+4414149600##", "Europe/London"),
        City("Cardiff", "Wales", "CF10 #AQ", "+4429201800##", "Europe/London"),
        City("Belfast", "Northern Ireland", "BT1 #AR", "+4428964960##", "Europe/London"),
    ),
    mobile="+447700900###",
    mobile_in_city=False,
    trades=("Joinery", "Plumbing", "Cafés", "Haulage", "Interiors", "Electrical", "Garden Centres", "Motors"),
    firm_form="{family} {trade} Ltd",
    legal_form="Ltd",
    house_number_last=False,
)
