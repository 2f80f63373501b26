using System.Globalization;
using StreamLearn;
using StreamLearn.Samples;
using StreamLearn.Testing;

namespace Architecture.Tests;

/// <summary>What the code of <c>docs/start/own-data.md</c> does.</summary>
public sealed class ValueGuideTests
{
    [Fact]
    public async Task The_hours_left_of_a_machine_unseen_are_known()
    {
        using var folder = new TemporaryFolder();
        for (var machine = 0; machine < 6; machine++)
        {
            var rows = Enumerable.Range(0, 26).SelectMany(visit =>
            {
                var (vibration, temperature) = Wear.Record(machine, 200 - (8 * visit), 200);
                return vibration.Zip(temperature, (v, t) => (Left: 200 - (8 * visit), V: v, T: t));
            });
            await File.WriteAllLinesAsync(folder.File(machine < 5 ? $"m{machine}.csv" : "other.csv"), ["t,vibration,temperature,life",
                .. rows.Select(static (r, row) => string.Create(CultureInfo.InvariantCulture,
                    $"{((200 - r.Left) * 3600) + (row % 200 / 2000.0)},{r.V},{r.T},{r.Left}"))], TestContext.Current.CancellationToken);
        }
        var (model, weights) = ValueGuideExamples.Learn(await ValueGuideExamples.ReadAsync(folder.File("m{machine}.csv")));
        var errors = ValueGuideExamples.Judge(model, weights, await ValueGuideExamples.ReadAsync(folder.File("{machine}r.csv")));

        Assert.Equal(26, errors.Count);
        Assert.InRange(errors.MeanAbsolute, 0, 26);     // half the error of the mean
    }

    [Fact]
    public async Task A_window_is_told_the_temperature_of_later()
    {
        var schema = new Schema(Field.Time(), Field.Channel("temperature", Unit.One));
        var pool = new BatchPool();
        List<double> targets = [];

        await Pipeline.Define("values", p => ValueGuideExamples.NextTemperature(p.FromSequence("rows", _ => Rows(), schema))
            .ForEach("keep", batch => targets.AddRange(batch["target"].Values<double>()))).RunAsync();

        Assert.Equal([64 - 1 + 10, 32 + 64 - 1 + 10], targets[..2]);

        async IAsyncEnumerable<Batch> Rows()
        {
            await Task.CompletedTask;
            yield return Batches.Of(pool, schema, Enumerable.Range(0, 300).Select(static second => second * 1_000_000_000L).ToArray(),
                Enumerable.Range(0, 300).Select(static second => (float)second).ToArray());
        }
    }
}
