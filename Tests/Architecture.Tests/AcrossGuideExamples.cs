using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Nodes;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/infer-across.md.</summary>
internal static class AcrossGuideExamples
{
    internal static Pipeline Device(Network network, ITransport air, Schema columns, Action<Batch> take) => Pipeline.Define("pump-7", p =>
    {
        var models = p.Subscribe(air, "models", LearningCodecs.Weights);
        var rows = p.Input<Batch>("rows", columns);

        var rests = p.Subscribe(air, "down/pump-7/rest", NodesCodecs.RestAnswers);
        var (answers, requests) = rows.InferAcross(network, models, rests, new() { Within = TimeSpan.FromMilliseconds(200) });
        requests.Publish(air, "up/pump-7/rest", NodesCodecs.RestRequests);

        answers.ForEach("answers", take);
    });

    internal static Pipeline Edge(Network network, ITransport air) => Pipeline.Define("edge", p =>
    {
        var models = p.Subscribe(air, "models", LearningCodecs.Weights);
        p.Subscribe(air, "up/{device}/rest", NodesCodecs.RestRequests).AnswerRest(network, models)
            .PublishTo(air, "down/{device}/rest", NodesCodecs.RestAnswers, answer => answer.Device);
    });
}
