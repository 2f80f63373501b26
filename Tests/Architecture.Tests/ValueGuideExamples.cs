using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The code of <c>docs/start/own-data.md</c>.</summary>
internal static class ValueGuideExamples
{
    internal static async Task<RecordedRows> ReadAsync(string files)
    {
        var collector = new RowCollector(group: "machine");
        await Pipeline.Define("features", p => p
            .FromCsv(files, new()
            {
                Columns =
                [
                    FileColumn.Time("t", TimeUnit.Seconds), FileColumn.Channel("vibration", Unit.StandardGravity),
                    FileColumn.Channel("temperature"), FileColumn.Target("life"),
                ],
            })
            .Window(200, 200)
            .Features(Feature.All, new() { SamplesPerSecond = 2000 })
            .ForEach("collect", collector.Add)).RunAsync();
        return collector.ToRows();
    }

    internal static (Network Model, Weights Weights) Learn(RecordedRows rows)
    {
        var features = rows.Features.Length / rows.Count;
        var model = new Network(
            new(features), 1, [new Scale()], [new(0, new Dense(1))], objective: new SquaredError(Mean: 100, Deviation: 60));
        return (model, model.FitRidge(rows));
    }

    internal static ValueErrors Judge(Network model, Weights weights, RecordedRows rows) =>
        Evaluation.Of(model, weights, new(rows.Features.Span, rows.Count) { Targets = rows.Targets.Span }).Values;

    internal static Flow<Batch> NextTemperature(Flow<Batch> rows) => rows
        .Ahead("temperature", TimeSpan.FromSeconds(10))
        .Window(64, 32)
        .MeanDeviation();

    internal static Flow<Batch> NextState(Flow<Batch> rows) => rows
        .Ahead(Schema.LabelColumn, TimeSpan.FromSeconds(10))
        .Window(64, 32)
        .LastLabel()
        .MeanDeviation();
}
