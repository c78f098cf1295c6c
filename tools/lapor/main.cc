// lapor: the command line client.
#include "tools/lapor/commands.h"

int main(int argc, char** argv) {
  lapor::client::CommandLine line;
  lapor::client::AddCommands(line);
  return line.Run(argc, argv);
}
