using StreamLearn;
using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/generation.md.</summary>
internal static class CascadeGuideExamples
{
    internal static Schema Columns { get; } = new(
        Field.Time(),
        Field.Channel("vibration", Unit.StandardGravity),
        Field.Channel("pulse", new("1/min")) with { Privacy = PrivacyLabel.EdgeOnly },       // not beyond the site
        Field.Channel("loudness", Unit.One) with { Privacy = PrivacyLabel.DeviceOnly });     // not out of the device

    internal static Pipeline Device(ICascadeTier small, ITransport site, Action<CascadeAnswer> answered) => Pipeline.Define("pump-7", p =>
    {
        var higher = p.Subscribe(site, "answers/pump-7", NodesCodecs.CascadeAnswers);
        var (answers, asked, lessons) = p.Input<Batch>("rows", Columns).ToQuestions().Cascade(small, higher, new()
        {
            TargetShare = 0.2,                                      // ask for one item in five, whatever the confidences are
            Deadline = TimeSpan.FromMilliseconds(500),
            Budget = (PerMinute: 600, Burst: 20),
            Carries = PrivacyLabel.EdgeOnly,
        });
        asked.Publish(site, "asked", NodesCodecs.CascadeQuestions, new PublicationOptions { Carries = PrivacyLabel.EdgeOnly });
        answers.ForEach("answers", answered);
        lessons.Discard("lessons");                                 // or learn from them
    });

    internal static Pipeline Edge(ICascadeTier middle, ITransport site, ITransport internet) => Pipeline.Define("edge", p =>
    {
        var higher = p.Subscribe(internet, "answers", NodesCodecs.CascadeAnswers);
        var asked = p.Subscribe(site, "asked", NodesCodecs.CascadeQuestions, new SubscribeOptions { Carries = PrivacyLabel.EdgeOnly });
        var (answers, further, _) = asked.Cascade(middle, higher, new() { Tier = 1, Deadline = TimeSpan.FromMilliseconds(300) });
        further.Publish(internet, "asked", NodesCodecs.CascadeQuestions);                // pulse is 0 in what goes there
        answers.PublishTo(site, "answers/{device}", NodesCodecs.CascadeAnswers, answer => answer.Source,
            new PublicationOptions { Carries = PrivacyLabel.EdgeOnly });
    });

    internal static Pipeline Cloud(ICascadeTier large, ITransport internet) => Pipeline.Define("cloud", p => p
        .Subscribe(internet, "asked", NodesCodecs.CascadeQuestions)
        .ServeTier(large, number: 2)
        .Publish(internet, "answers", NodesCodecs.CascadeAnswers));

    internal static Flow<Batch> Recorded(Flow<Batch> rows) => rows.Redact(carries: PrivacyLabel.Public, blank: true);
}
