namespace Acceptance.Tests;

/// <summary>Rows of which seven in ten show their class in one channel, the rest only in three together; and a network whose first exit
/// cannot see that.</summary>
internal static class AcrossReadings
{
    internal const int Channels = 6;

    internal static readonly Schema Schema = new(
        [Field.Time(), .. Enumerable.Range(0, Channels).Select(static c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);

    /// <summary>Layers up to the first exit.</summary>
    internal const int ExitAt = 2;

    internal static readonly Network Network = new(
        new(Channels), classes: 2,
        [new Dense(4), new Relu(), new Dense(64), new Relu(), new Dense(64), new Relu()],
        [new(1, new Dense(2)), new(5, new Dense(2))],
        seed: 1, features: [.. Schema.Fields.Where(static f => f.Name[0] == 'c')]);

    internal static readonly Lazy<Weights> Trained = new(static () => Train(1200));

    internal static (float[] Features, int[] Labels) Draw(int rows, string name)
    {
        var random = new RandomStream(seed: 7, name);
        var (features, labels) = (new float[rows * Channels], new int[rows]);
        for (var r = 0; r < rows; r++)
        {
            var row = features.AsSpan(r * Channels, Channels);
            for (var c = 0; c < Channels; c++) { row[c] = (float)(0.3 * random.NextGaussian()); }
            labels[r] = random.NextInt32(2);
            if (random.NextInt32(10) < 7)
            {
                row[0] += labels[r] == 1 ? 2 : -2;
                continue;
            }

            var (a, b) = (random.NextInt32(2), random.NextInt32(2));
            (row[1], row[2], row[3]) = (row[1] + Sign(a), row[2] + Sign(b), row[3] + Sign(a ^ b ^ labels[r]));
        }

        return (features, labels);

        static float Sign(int bit) => bit == 1 ? 1.5f : -1.5f;
    }

    private static Weights Train(int steps)
    {
        const int BatchRows = 32;
        float[] weights = [.. Network.Initial.Values];
        var (features, labels) = Draw(4096, "training");
        var optimizer = new Adam(0.003f);
        var (state, gradients, memory) = (new float[optimizer.StateValues * weights.Length], new float[weights.Length], new Workspace());
        for (var step = 1; step <= steps; step++)
        {
            var first = (step - 1) * BatchRows % labels.Length;
            Network.Step(weights, new(features.AsSpan(first * Channels, BatchRows * Channels), labels.AsSpan(first, BatchRows)), optimizer,
                state, step, gradients, memory);
        }

        return Network.Initial with { Version = 1, Values = [.. weights] };
    }
}
