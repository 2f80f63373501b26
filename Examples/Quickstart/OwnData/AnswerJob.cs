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
    private const int RefusalsShown = 3;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    internal static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        var (model, weights, rule) = SavedModel.Read(options.Answer!);
        var (network, source) = (model.Network, model.Source);
        if (options.Follow) { await AwaitRowsAsync(options.Csv!, cancellationToken).ConfigureAwait(false); }
        var columns = FirstLook.At(options);
        List<FileColumn> read = columns.Time is { } time ? [time] : [];
        foreach (var field in source.Schema.Fields.Where(static f => f.Type == ColumnType.Float32))
        {
            var found = columns.Channels.FirstOrDefault(c => c.Field.Name == field.Name);
            if (found is not null && (found.Field.Unit == field.Unit || found.Field.Unit == Unit.One))
            {
                read.Add(FileColumn.Channel(field.Name, field.Unit) with { Source = found.Source });
                continue;
            }

            throw new QuickstartException($"--csv: expected a column {field.Name} in {field.Unit}, as the model was learned from; got "
                + string.Join(", ", columns.Channels.Select(static c => $"{c.Field.Name} in {c.Field.Unit}")), ExitCode.DataRefused);
        }

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
        var (answers, refusals) = (0L, 0L);
        Console.Out.WriteLine("time,class,confidence");
        var pipeline = Pipeline.Define("answers", p =>
        {
            var (rows, refused) = p.FromCsvWithRefused(options.Csv!, form);
            refused.ForEach("refused", row =>
            {
                if (++refusals <= RefusalsShown) { Console.Error.WriteLine($"quickstart: left out {row}"); }
            });
            source.Prepare(rows.Window(source.WindowSamples, source.WindowSamples / 2)).ForEach("answer", window =>
            {
                answers++;
                for (var c = 0; c < network.Plan.Input.Channels; c++)
                {
                    window.Channels[c].Values<float>().CopyTo(row.AsSpan(c * network.Plan.Input.Samples));
                }

                network.Answer(weights.Values.AsSpan(), new(row, 1), rule ?? ExitRule.Never(network.Exits.Length), scores, exits, memory);
                var best = TensorPrimitives.IndexOfMax(scores);
                var at = DateTime.UnixEpoch.AddTicks(window[Schema.TimeColumn].Values<long>()[^1] / 100);
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{at:yyyy-MM-ddTHH:mm:ss.fffZ},{Quoted(source.Classes[best])},{scores[best]:0.000}"));
            });
        });
        try
        {
            await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (FileRowsException e)
        {
            throw new QuickstartException($"--csv: {e.Message}", ExitCode.DataRefused);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;        // the way to end --follow: what was answered was written
        }

        if (refusals > RefusalsShown)
        {
            await Console.Error.WriteLineAsync($"quickstart: left out {refusals:N0} rows in all")
            .ConfigureAwait(false);
        }
        if (answers > 0) { return ExitCode.Done; }
        throw new QuickstartException($"--csv: no window was whole: the model answers {source.WindowSamples} rows at a time",
            ExitCode.DataRefused);
    }

    /// <summary>Waits until a file has a head and a row.</summary>
    private static async Task AwaitRowsAsync(string path, CancellationToken cancellationToken)
    {
        while (!File.Exists(path) || File.ReadLines(path).Take(2).Count() < 2)
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{text.Replace("\"", "\"\"",
        StringComparison.Ordinal)}\"" : text;
}
