#include "services/routing/suggest_text.h"

#include <algorithm>
#include <utility>

#include "services/routing/suggest.h"

namespace lapor::routing {
namespace {

v1::Reading ToProto(const reading::Reading& read) {
  v1::Reading proto;
  for (const reading::Topic& topic : read.topics) {
    v1::ReadTopic& told = *proto.add_topics();
    told.set_category(topic.category);
    told.set_confidence(topic.confidence);
  }
  for (const std::string& word : read.topic_words) proto.add_words(word);
  proto.set_sure(read.sure);
  for (const reading::NamedPlace& named : read.places) {
    v1::ReadPlace& told = *proto.add_places();
    told.set_region(named.place.best.code);
    told.set_name(named.place.best.name);
    told.set_confidence(named.place.best.confidence);
    told.set_words(named.words);
    for (const auto& alternative : named.place.alternatives) told.add_alternatives(alternative.code);
  }
  return proto;
}

// What the text says, beside what is recorded.
void AddReading(const reading::Reading& read, const std::string& text, policy::Question& question) {
  for (const reading::Topic& topic : read.topics) {
    const bool known = std::ranges::any_of(
        question.categories, [&](const policy::Likely& likely) { return likely.code == topic.category; });
    if (!known && topic.confidence > 0) question.categories.push_back({topic.category, topic.confidence});
  }
  if (question.regions.empty()) {
    for (const reading::NamedPlace& named : read.places) {
      if (named.place.best.confidence > 0)
        question.regions.push_back({named.place.best.code, named.place.best.confidence});
    }
  }
  question.words.push_back(text);
}

// A topic is not in doubt for being told more finely, or less.
bool IsAnother(const std::string& recorded, const std::string& told) {
  return recorded != told && !told.starts_with(recorded + '.') && !recorded.starts_with(told + '.');
}

}  // namespace

v1::SuggestRouteResponse SuggestByText(const policy::Competence& rules, policy::Question question,
                                       const reading::Reader& reader, const std::string& text,
                                       const Registry& registry, int max_suggestions) {
  const reading::Reading read = reader.Read(text);
  const bool has_topic = !question.categories.empty();
  const bool doubted =
      has_topic && read.sure && IsAnother(question.categories.front().code, read.topics.front().category);
  AddReading(read, text, question);
  v1::SuggestRouteResponse response = Suggest(rules, question, registry, max_suggestions);
  *response.mutable_reading() = ToProto(read);
  response.set_needs_person(!has_topic && !read.sure);
  response.set_category_doubted(doubted);
  return response;
}

}  // namespace lapor::routing
