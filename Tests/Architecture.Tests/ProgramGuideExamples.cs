using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of docs/start/install.md.</summary>
internal static class VibrationAlert
{
    internal static readonly Schema Columns = new(Field.Time(), Field.Channel("x", new Unit("m/s2")));

    /// <summary>A bearing at 10 kHz: 50 Hz and noise. From a time on it knocks 120 times a second, ringing at 3 kHz.</summary>
    private static async IAsyncEnumerable<Batch> Bearing(BatchPool pool, int seconds, double knocksFrom)
    {
        var noise = new RandomStream(seed: 1, "noise");
        for (var row = 0L; row < seconds * 10_000;)
        {
            var batch = pool.Rent(Columns, 1000);
            for (var i = 0; i < batch.Rows; i++, row++)
            {
                var (at, since) = (row / 10_000.0, row / 10_000.0 % (1 / 120.0));
                var knock = at < knocksFrom ? 0 : 6 * Math.Exp(-800 * since) * Math.Sin(2 * Math.PI * 3000 * since);
                batch["time"].Writable<long>()[i] = row * 100_000;
                batch["x"].Writable<float>()[i] = (float)(Math.Sin(2 * Math.PI * 50 * at) + (0.3 * noise.NextGaussian()) + knock);
            }

            yield return batch;
            await Task.Yield();
        }
    }

    internal static Pipeline Define(Action<string> alert) => Pipeline.Define("bearing", p => p
        .FromSequence("sensor", (pool, _) => Bearing(pool, seconds: 20, knocksFrom: 12), Columns, maxRows: 1000)
        .Window(samples: 2000, hop: 2000)
        .Features(Feature.Kurtosis, new() { Bands = [new("ringing", 2800, 3200)], SamplesPerSecond = 10_000 })
        .Filter("impulsive", window => window["x kurtosis"].Values<float>()[0] > 3.5f)
        .ForEach("alert", window => alert(FormattableString.Invariant(
            $"{window["time"].Values<long>()[0] / 1e9:0.0} s: kurtosis {window["x kurtosis"].Values<float>()[0]:0.0}"))));
}

internal static class TwoSensors
{
    internal static readonly Schema Vibration = new(Field.Time(), Field.Channel("x", new Unit("m/s2")), Field.Label());
    internal static readonly Schema Oven = new(Field.Time(), Field.Channel("temperature", new Unit("Cel")));

    /// <summary>Vibration at 100 Hz, temperature at 4 Hz: both say whether a row is bad, and from the 10,000th on otherwise.</summary>
    internal static Pipeline Define(Action<Batch> answered) => Pipeline.Define("two-sensors", p =>
    {
        var slow = p.FromSequence("oven", (pool, _) => Rows(pool, Oven, 800, 250_000_000, (row, batch, i) =>
            batch["temperature"].Writable<float>()[i] = Temperature(row)).ToAsyncEnumerable(), Oven);
        p.FromSequence("vibration", (pool, _) => Rows(pool, Vibration, 20_000, 10_000_000, (row, batch, i) =>
            {
                var x = batch["x"].Writable<float>()[i] = 5 * MathF.Sin(row * 0.7071f);
                batch["label"].Writable<int>()[i] = row < 10_000 == (x + (Temperature(row / 25) - 50) > 0) ? 1 : 0;
            }).ToAsyncEnumerable(), Vibration)
            .JoinAsOf(slow, tolerance: TimeSpan.FromSeconds(1))         // each row with the newest temperature
            .Learn(new SoftmaxRegression(features: 2, classes: 2)).Answers
            .ForEach("answers", answered);
    });

    private static float Temperature(long row) => 50 + (5 * MathF.Sin(row * 1.3f));

    private static IEnumerable<Batch> Rows(BatchPool pool, Schema schema, int rows, long period, Action<long, Batch, int> write)
    {
        for (var row = 0L; row < rows;)
        {
            var batch = pool.Rent(schema, (int)Math.Min(64, rows - row));
            for (var i = 0; i < batch.Rows; i++, row++)
            {
                batch["time"].Writable<long>()[i] = row * period;
                write(row, batch, i);
            }

            yield return batch;
        }
    }
}

internal static class ModelPerMachine
{
    internal static readonly Schema Columns =
        new(Field.Time(), new Field("machine", ColumnType.Int32, Unit.One), Field.Channel("x", new Unit("m/s2")), Field.Label());

    /// <summary>Twelve machines, of which each has a level of its own beyond which a row is bad.</summary>
    private static IEnumerable<Batch> Machines(BatchPool pool, int batches, Action made)
    {
        for (var number = 0; number < batches; number++)
        {
            var batch = pool.Rent(Columns, 120);
            for (var i = 0; i < batch.Rows; i++)
            {
                var (row, machine) = ((number * 120L) + i, i % 12);
                var x = batch["x"].Writable<float>()[i] = 10 * MathF.Sin(row * 0.7071f);
                batch["time"].Writable<long>()[i] = row * 1_000_000;
                batch["machine"].Writable<int>()[i] = machine;
                batch["label"].Writable<int>()[i] = x > machine - 6 ? 1 : 0;
            }

            made();
            yield return batch;
        }
    }

    internal static Pipeline Define(int batches, Action made, Action<Batch> store) => Pipeline.Define("machines", p => p
        .FromSequence("sensors", (pool, _) => Machines(pool, batches, made).ToAsyncEnumerable(), Columns, maxRows: 120)
        .Buffer(4)                                                      // batches that wait for the models
        .PerKey("machine", machine => machine
            .Learn(new SoftmaxRegression(features: 1, classes: 2), new() { Key = "machine" }).Answers)
        .Buffer(24)                                                     // answers that wait for the database
        .ForEach("store", store));
}
