"""Invented people and places in the United States; land lines and mobiles from 555-0100 to 555-0199."""

from __future__ import annotations

from arrears.demo.country import City, Country, listed

UNITED_STATES = Country(
    code="US",
    language="en",
    given_names=listed(
        """
        Aaliyah, Abigail, Andre, Angela, Anthony, Brandon, Brenda, Carlos, Carmen, Charlotte, Chloe,
        Christopher, Cynthia, Daniel, Darnell, Deborah, Diego, Donald, Elena, Emily, Ethan, Gloria, Hannah,
        Isaiah, Jasmine, Jason, Jennifer, Jose, Joshua, Karen, Kayla, Kevin, Kimberly, Latoya, Linda, Lisa,
        Luis, Marcus, Maria, Michael, Nancy, Nicole, Patricia, Rachel, Robert, Samantha, Stephen, Tamika,
        Thomas, Victoria
        """
    ),
    family_names=listed(
        """
        Adams, Alvarez, Anderson, Bailey, Barnes, Bennett, Brooks, Campbell, Carter, Castillo, Chavez, Coleman,
        Collins, Cooper, Cruz, Davis, Diaz, Edwards, Evans, Fisher, Flores, Foster, Garcia, Gonzalez, Graham,
        Gray, Greene, Hamilton, Hayes, Henderson, Hernandez, Howard, Jackson, Jenkins, Jimenez, Kelly, Kim,
        Lopez, Marshall, Martinez, Miller, Morales, Morgan, Murphy, Nguyen, Ortiz, Parker, Patel, Perry,
        Peterson, Powell, Ramirez, Reyes, Richardson, Rivera, Sanchez, Simmons, Stewart, Sullivan, Torres,
        Turner, Walker, Washington, Watson, Williams, Wood, Wright, Young
        """
    ),
    streets=listed(
        """
        Maple Avenue, Oak Street, Cedar Lane, Washington Street, Lakeview Drive, Hillcrest Road, Elm Street,
        Sunset Boulevard, Park Avenue, River Road, Church Street, Highland Avenue, Franklin Street,
        Meadow Lane, Jefferson Avenue, Willow Court, Prospect Street, Mill Road
        """
    ),
    cities=(
        City("Boston", "MA", "021##", "+161755501##", "America/New_York"),
        City("New York", "NY", "100##", "+121255501##", "America/New_York"),
        City("Buffalo", "NY", "142##", "+171655501##", "America/New_York"),
        City("Philadelphia", "PA", "191##", "+121555501##", "America/New_York"),
        City("Charlotte", "NC", "282##", "+170455501##", "America/New_York"),
        City("Atlanta", "GA", "303##", "+140455501##", "America/New_York"),
        City("Miami", "FL", "331##", "+130555501##", "America/New_York"),
        City("Columbus", "OH", "432##", "+161455501##", "America/New_York"),
        City("Detroit", "MI", "482##", "+131355501##", "America/Detroit"),
        City("Chicago", "IL", "606##", "+131255501##", "America/Chicago"),
        City("St. Louis", "MO", "631##", "+131455501##", "America/Chicago"),
        City("Dallas", "TX", "752##", "+121455501##", "America/Chicago"),
        City("Houston", "TX", "770##", "+171355501##", "America/Chicago"),
        City("Denver", "CO", "802##", "+130355501##", "America/Denver"),
        City("Phoenix", "AZ", "850##", "+160255501##", "America/Phoenix"),
        City("Los Angeles", "CA", "900##", "+121355501##", "America/Los_Angeles"),
        City("Sacramento", "CA", "958##", "+191655501##", "America/Los_Angeles"),
        City("Portland", "OR", "972##", "+150355501##", "America/Los_Angeles"),
        City("Seattle", "WA", "981##", "+120655501##", "America/Los_Angeles"),
        City("Anchorage", "AK", "995##", "+190755501##", "America/Anchorage"),
    ),
    mobile="",
    mobile_in_city=True,
    trades=("Auto Repair", "Landscaping", "Catering", "Roofing", "Dental Care", "Freight", "Print Works", "Bakery"),
    firm_form="{family} {trade} LLC",
    legal_form="LLC",
    house_number_last=False,
)
