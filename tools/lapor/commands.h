// The commands of lapor, a function for each group of them.
#pragma once

#include "tools/lapor/command_line.h"

namespace lapor::client {

// file, file-batch, track, reply, react, complete, contest, ask-reopening, appeal, withdraw, attach,
// ask-ombudsman
void AddReporterCommands(CommandLine& line);
// queue, claim, release, verify, ask, archive, assign, arbitrate, route, split, unsplit, duplicates, merge,
// unmerge, followers
void AddTriageCommands(CommandLine& line);
// suggest, explain, rules
void AddCompetenceCommands(CommandLine& line);
// cases, case, accept, return, answer, delegate, note, notes, templates, record-template, remove-template,
// close, reopen, decide-appeal
void AddAgencyCommands(CommandLine& line);
// escalations, escalation, check, advance, end
void AddOmbudsmanCommands(CommandLine& line);
// figures, events
void AddFiguresCommands(CommandLine& line);
void AddEventCommands(CommandLine& line);
// registry, health, positions, quarantine, deadlines, token, clock
void AddRegistryCommands(CommandLine& line);
void AddOperatorCommands(CommandLine& line);
// train, read
void AddReadingCommands(CommandLine& line);
// demo
void AddDemoCommand(CommandLine& line);

// All of them, in the order of --help.
void AddCommands(CommandLine& line);

}  // namespace lapor::client
