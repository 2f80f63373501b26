using StreamLearn.Operators;

namespace StreamLearn.Tables;

internal static class AdaptiveAnswers
{
    private static readonly ImmutableArray<float> Confidences =
        [0.5f, 0.6f, 0.7f, 0.8f, 0.85f, 0.9f, 0.93f, 0.95f, 0.97f, 0.98f, 0.99f, 0.995f, 0.998f, 0.999f, 0.9999f];

    /// <summary>Windows before the first version get no answer.</summary>
    internal static Flow<WindowAnswer> Answer(
        Flow<Batch> windows, string device, Network model, Flow<Weights> models, AnswerOptions options, AdaptiveExits adaptive)
    {
        var pinned = options.Pinned;
        var network = options.Model as Network ?? model;
        if (pinned is not null)
        {
            (network, models) = (network.StartingFrom(pinned), models.Filter("fleet-versions", static _ => false));
        }

        var (answers, unsure) = windows.Infer(network, models, new InferOptions
        {
            Curve = Ladder(network.ExitCount),
            Adaptive = adaptive,
            Versions = true,
        });
        unsure.Discard("non-finite");
        return pinned is null
            ? answers.Filter("versions", static batch => batch["version"].Values<long>()[0] > 0)
                .Map("answer", batch => Of(batch, device, options))
            : answers.Map("answer", batch => Of(batch, device, options) with { Version = pinned.Version });
    }

    /// <summary><paramref name="exit"/>: null: a column has it.</summary>
    internal static WindowAnswer Of(Batch batch, string device, AnswerOptions options, int? exit = null) => new(device,
        DateTimeOffset.UnixEpoch.AddTicks(batch[Schema.TimeColumn].Values<long>()[0] / TimeSpan.NanosecondsPerTick),
        options.Classes[batch["class"].Values<int>()[0]], batch["confidence"].Values<float>()[0],
        exit ?? batch["exit"].Values<int>()[0], batch["version"].Values<long>()[0]);

    /// <summary>Creates unmeasured exits; comparisons made while answering find those that keep the loss.</summary>
    private static ExitCurve Ladder(int exits) => new()
    {
        Measure = ExitMeasure.Probability,
        FullAccuracy = 0,
        Points =
        [
            .. Confidences.Select((c, i) => new ExitPoint([.. Enumerable.Repeat(c, exits - 1)], 0, (i + 1.0) / (Confidences.Length + 1),
                [.. Enumerable.Repeat(0.0, exits - 1), 1])),
        ],
    };
}
