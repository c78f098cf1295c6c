// Writes date-holidays-id.csv: the holidays of Indonesia as somebody else computes them, to compare our calendars with.
//
//   npm install --prefix /tmp/oracle date-holidays@3.37.0
//   cp libs/policy/testdata/date-holidays.mjs /tmp/oracle
//   node /tmp/oracle/date-holidays.mjs > libs/policy/testdata/date-holidays-id.csv
//
// date-holidays is by commenthol and its contributors: code ISC, data CC BY-SA 3.0 (after Wikipedia; its package.json
// says CC-BY-3.0). Here stand only facts of it: dates, the names of the days and their type. It knows neither decrees
// nor collective leave, and computes Islamic days by arithmetic where the decrees go by the moon's sighting.
import Holidays from "date-holidays";

const indonesia = new Holidays("ID");
console.log("date,name,type");
for (let year = 2019; year <= 2027; ++year) {
  for (const day of indonesia.getHolidays(year, "en")) {
    console.log(`${day.date.slice(0, 10)},${day.name},${day.type}`);
  }
}
