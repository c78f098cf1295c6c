#include "tools/lapor/commands.h"

namespace lapor::client {

void AddCommands(CommandLine& line) {
  AddReporterCommands(line);
  AddTriageCommands(line);
  AddCompetenceCommands(line);
  AddAgencyCommands(line);
  AddOmbudsmanCommands(line);
  AddFiguresCommands(line);
  AddEventCommands(line);
  AddRegistryCommands(line);
  AddOperatorCommands(line);
  AddReadingCommands(line);
  AddDemoCommand(line);
}

}  // namespace lapor::client
