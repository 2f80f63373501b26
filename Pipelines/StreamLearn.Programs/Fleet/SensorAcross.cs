using System.Diagnostics;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace StreamLearn.Programs;

/// <summary>The part of a device's pipeline that answers its windows together with the aggregator.</summary>
internal static class SensorAcross
{
    /// <summary>Answers count for less than a second and have numbers of their own: a checkpoint need not hold them, and a false message
    /// that has the number of the next one does not make that one a copy.</summary>
    internal static readonly SubscribeOptions AtOnce = new() { Level = DeliveryLevel.Processed };

    /// <summary>Adds it. Windows before the first version are not answered.</summary>
    internal static Flow<WindowAnswer> Answer(
        PipelineBuilder p, Flow<Batch> windows, Flow<Weights> models, SensorOptions sensor, AnswerOptions options, EdgeLink link)
    {
        var across = options.Across ?? throw new UnreachableException();
        var rests = p.Subscribe(link.Control, sensor.Topics.RestsOf(sensor.Name), RestCodecs.Answers, AtOnce);
        var (answers, requests) = windows.InferAcross((Network)sensor.Model, models, rests, across);
        requests.Publish(link.Control, sensor.Topics.RestRequestsOf(sensor.Name), Boundary.Requests(across.BytesPerValue < 4));
        var given = answers.Filter("versions", static batch => batch["version"].Values<long>()[0] > 0);
        given.Filter("by-aggregator", static batch => batch["place"].Values<int>()[0] == 1)
            .ForEach("answered-by-aggregator", static _ => { });
        return given.Map("answer", batch => AdaptiveAnswers.Of(batch, sensor.Name, options) with
        {
            Place = batch["place"].Values<int>()[0] == 1 ? "edge" : "here",
        });
    }
}
