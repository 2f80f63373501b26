using System.Globalization;
using System.Numerics.Tensors;
using StreamLearn;
using StreamLearn.Files;
using StreamLearn.Learning;
using StreamLearn.Operators;

namespace Quickstart;

/// <summary>Answers the windows of a file as its rows come, with a model that was saved: a line of CSV for each.</summary>
internal static class AnswerJob
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    internal static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        var (model, weights, rule) = SavedModel.Read(options.Answer!);
        var (network, source) = (model.Network, model.Source);
        var columns = FirstLook.At(options with { Rate = null });
        foreach (var field in source.Schema.Fields.Where(static f => f.Type == ColumnType.Float32))
        {
            if (columns.Channels.Any(c => c.Field.Name == field.Name)) { continue; }
            throw new QuickstartException($"--csv: expected a column '{field}', as the model was learned from; got "
                + string.Join(", ", columns.Channels.Select(static c => c.Field.ToString())), ExitCode.DataRefused);
        }

        List<FileColumn> read = columns.Time is { } time ? [time] : [];
        read.AddRange(source.Schema.Fields.Where(static f => f.Type == ColumnType.Float32).Select(f =>
            FileColumn.Channel(f.Name, f.Unit) with { Source = columns.Channels.First(c => c.Field.Name == f.Name).Source }));
        var form = new CsvOptions
        {
            Columns = read,
            Delimiter = columns.Delimiter,
            BadRows = BadRows.Skip,
            BatchRows = Math.Clamp(source.WindowSamples / 2, 1, 1024),
            SamplesPerSecond = columns.Time is null ? source.RowsPerSecond : null,
            Follow = options.Follow ? LookEvery : null,
        };
        var (row, memory, scores, exits) = (new float[network.Plan.Input.Size], new Workspace(), new float[network.Plan.Outputs],
            new int[1]);
        Console.Out.WriteLine("time,class,confidence");
        var pipeline = Pipeline.Define("answers", p => source.Prepare(p.FromCsv(options.Csv!, form)
            .Window(source.WindowSamples, source.WindowSamples / 2)).ForEach("answer", window =>
            {
                for (var c = 0; c < network.Plan.Input.Channels; c++)
                {
                    window.Channels[c].Values<float>().CopyTo(row.AsSpan(c * network.Plan.Input.Samples));
                }

                network.Answer(weights.Values.AsSpan(), new(row, 1), rule ?? ExitRule.Never(network.Exits.Length), scores, exits, memory);
                var best = TensorPrimitives.IndexOfMax(scores);
                var at = DateTime.UnixEpoch.AddTicks(window[Schema.TimeColumn].Values<long>()[^1] / 100);
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{at:yyyy-MM-ddTHH:mm:ss.fffZ},{Quoted(source.Classes[best])},{scores[best]:0.000}"));
            }));
        try
        {
            await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (FileRowsException e)
        {
            throw new QuickstartException($"--csv: {e.Message}", ExitCode.DataRefused);
        }

        return ExitCode.Done;
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{text.Replace("\"", "\"\"",
        StringComparison.Ordinal)}\"" : text;
}
