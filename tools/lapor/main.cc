// lapor: the command line client.
#include "tools/lapor/commands.h"

int main(int argc, char** argv) {
  lapor::client::CommandLine line;
  lapor::client::AddReporterCommands(line);
  lapor::client::AddTriageCommands(line);
  lapor::client::AddAgencyCommands(line);
  lapor::client::AddOmbudsmanCommands(line);
  lapor::client::AddFiguresCommands(line);
  lapor::client::AddEventCommands(line);
  lapor::client::AddRegistryCommands(line);
  lapor::client::AddOperatorCommands(line);
  lapor::client::AddDemoCommand(line);
  return line.Run(argc, argv);
}
