using StreamLearn.Nodes;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal static class SensorAcross
{
    /// <summary>Answers are numbered and valid for less than a second. Checkpoints therefore need not hold them, and a forged message
    /// cannot make the next one a duplicate.</summary>
    internal static readonly SubscribeOptions AtOnce = new() { AfterCheckpoint = false };

    /// <summary>Windows before the first version get no answer.</summary>
    internal static Flow<WindowAnswer> Answer(
        PipelineBuilder p, Flow<Batch> windows, Flow<Weights> models, SensorOptions sensor, AnswerOptions options, AcrossOptions across,
        EdgeLink link)
    {
        var rests = p.Subscribe(link.Control, sensor.Topics.RestsOf(sensor.Name), NodesCodecs.RestAnswers, AtOnce);
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
