using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/exits.md.</summary>
internal sealed record Readings(float[] Features, int[] Labels)
{
    internal const int Channels = 6;

    internal Sample All => new(Features, Labels);

    internal Sample Rows(int first, int count) =>
        new(Features.AsSpan(first * Channels, count * Channels), Labels.AsSpan(first, count));

    internal static Readings Draw(int rows, string name)
    {
        var random = new RandomStream(seed: 7, name);               // rows of another name are other rows
        var readings = new Readings(new float[rows * Channels], new int[rows]);
        for (var r = 0; r < rows; r++)
        {
            var row = readings.Features.AsSpan(r * Channels, Channels);
            for (var c = 0; c < Channels; c++) { row[c] = (float)(0.3 * random.NextGaussian()); }
            var worn = random.NextInt32(2);
            readings.Labels[r] = worn;
            if (random.NextInt32(10) < 7) { row[0] += worn == 1 ? 2 : -2; }        // seven rows in ten show it in one channel
            else
            {
                var (a, b) = (random.NextInt32(2), random.NextInt32(2));           // the others in three channels together
                (row[1], row[2], row[3]) = (row[1] + Sign(a), row[2] + Sign(b), row[3] + Sign(a ^ b ^ worn));
            }
        }

        return readings;
    }

    private static float Sign(int bit) => bit == 1 ? 1.5f : -1.5f;
}

internal static class ExitGuideExamples
{
    internal static Network Create() => new(
        new Shape(Readings.Channels), classes: 2,
        [new Dense(4), new Relu(), new Dense(64), new Relu(), new Dense(64), new Relu()],
        [new Exit(After: 1, new Dense(2)), new Exit(After: 5, new Dense(2))],
        seed: 1);

    internal static Weights Train(Network network, Readings rows)
    {
        const int BatchRows = 32;
        float[] weights = [.. network.Initial.Values];
        var optimizer = new Adam(0.003f);
        var (state, gradients) = (new float[optimizer.StateValues * weights.Length], new float[weights.Length]);
        var memory = new Workspace();
        for (var step = 1; step <= 2000; step++)
        {
            var batch = rows.Rows((step - 1) * BatchRows % rows.Labels.Length, BatchRows);
            network.Step(weights, batch, optimizer, state, step, gradients, memory);
        }

        return network.Initial with { Version = 1, Values = [.. weights] };
    }

    internal static ExitPromise Tune(Network network, Weights weights, Readings choosing, Readings judging)
    {
        var curve = ExitTuner.Choose(Logits(network, weights, choosing), choosing.Labels, network.MultiplyAddsTo);
        return ExitTuner.Judge(curve, Logits(network, weights, judging), judging.Labels).CheapestWithin(accuracyDrop: 0.01);
    }

    internal static float[] Logits(Network network, Weights weights, Readings rows)
    {
        var logits = new float[network.Exits.Length * rows.Labels.Length * network.Plan.Outputs];
        network.Logits(weights.Values.AsSpan(), rows.All, logits, new Workspace());
        return logits;
    }

    internal static (double Accuracy, double Work) Measure(Network network, Weights weights, ExitRule rule)
    {
        var rows = Readings.Draw(4000, "unseen");
        var (count, classes) = (rows.Labels.Length, network.Plan.Outputs);
        var (probabilities, exits) = (new float[count * classes], new int[count]);
        var executed = network.Answer(weights.Values.AsSpan(), rows.All, rule, probabilities, exits, new Workspace());
        var right = 0;
        for (var r = 0; r < count; r++)
        {
            var answer = probabilities[classes * r] >= probabilities[(classes * r) + 1] ? 0 : 1;
            if (answer == rows.Labels[r]) { right++; }
        }

        return ((double)right / count, (double)executed / (count * network.Plan.MultiplyAdds));
    }

    internal static ExitPromise LearnAndTune()
    {
        var network = Create();
        var weights = Train(network, Readings.Draw(6400, "training"));
        var promise = Tune(network, weights, Readings.Draw(2000, "choosing"), Readings.Draw(4000, "judging"));
        var full = Measure(network, weights, ExitRule.Never(exits: 2));
        var early = Measure(network, weights, promise.Rule);
        Console.WriteLine(promise);
        Console.WriteLine($"accuracy {full.Accuracy:0.000} without exits, {early.Accuracy:0.000} with them, "
            + $"at {early.Work:0.00} of the multiply-adds");
        return promise;
    }

    internal static Pipeline Answering(Network network, ExitRule rule, Schema columns) => Pipeline.Define("pump-7", p =>
    {
        var models = p.Input<Weights>("models");
        var (answers, unsure) = p.Input<Batch>("rows", columns)
            .Infer(network, models, new InferOptions { Rule = rule, UnsureBelow = 0.6f });
        answers.ForEach("answers", batch => Console.WriteLine(
            $"class {batch["class"].Values<int>()[0]} at exit {batch["exit"].Values<int>()[0]}"));
        unsure.Discard("unsure");                                   // or publish them: a larger model may know
    });
}
