// The dossier: all that there is of a case in one archive that needs nothing else to be read. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "lapor/ombudsman/v1/dossier.pb.h"

namespace lapor::ombudsman {

// A zip with dossier.json, dossier.html (a page to read and print) and manifest.json. The same dossier makes
// the same archive, byte by byte. INTERNAL when it can't be packed.
absl::StatusOr<std::string> PackDossier(const v1::Dossier& dossier);

// dossier.html: one page in Indonesian headings with English beneath, without scripts and without anything
// from elsewhere. What people wrote is text there, never markup.
std::string DossierPage(const v1::Dossier& dossier);

// As dossier-7K3M9QXT2B54-1.zip.
std::string DossierFileName(const v1::Dossier& dossier);

}  // namespace lapor::ombudsman
