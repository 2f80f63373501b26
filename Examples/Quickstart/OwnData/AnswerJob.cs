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
    private const int MinRowBytes = 4096;
    private const int MaxValueBytes = 64;
    private const double SpanTolerance = 0.1;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    internal static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
    {
        var (model, weights, rule) = SavedModel.Read(options.Answer!);
        var (network, source) = (model.Network, model.Source);
        if (options.Follow)
        {
            if (options.Csv!.AsSpan().IndexOfAny("*?{") >= 0 && !File.Exists(options.Csv))
            {
                throw new QuickstartException($"--follow: expected one file, got the pattern {options.Csv}", ExitCode.BadCommandLine);
            }

            if (!await AwaitRowsAsync(options.Csv!, cancellationToken).ConfigureAwait(false)) { return ExitCode.Interrupted; }
        }

        var columns = FirstLook.At(options);
        if (columns.FallingTime is { } falling)
        {
            throw new QuickstartException($"--csv: column '{falling}' is named like a time, but does not rise", ExitCode.DataRefused);
        }

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
            MaxRowBytes = Math.Max(MinRowBytes, MaxValueBytes * (read.Count + columns.Channels.Length)),      // what a stray quote holds up
        };
        var (row, memory, scores, exits) = (new float[network.Plan.Input.Size], new Workspace(), new float[network.Plan.Outputs],
            new int[1]);
        var (answers, refusals, untimely, unanswered) = (0L, 0L, 0L, 0L);
        var (isEnded, isTimely) = (false, Timely(source));
        Console.Out.WriteLine("time,class,confidence");
        var pipeline = Pipeline.Define("answers", p =>
        {
            var (rows, refused) = p.FromCsvWithRefused(options.Csv!, form);
            refused.ForEach("refused", row =>
            {
                if (row.Reason is FileFault.Truncated or FileFault.Rotated)
                {
                    Console.Error.WriteLine(Printable.Of($"quickstart: {row}: read from its beginning"));
                    return;
                }

                isEnded |= row.Reason is FileFault.BadHeader or FileFault.DamagedFile;
                if (++refusals <= RefusalsShown || isEnded) { Console.Error.WriteLine(Printable.Of($"quickstart: left out {row}")); }
            });
            var windows = rows.Window(source.WindowSamples, source.WindowSamples / 2).Filter("in time", window =>
            {
                if (isTimely(window)) { return true; }
                if (++untimely == 1) { Console.Error.WriteLine($"quickstart: not answered: {Untimely(window, source)}"); }
                return false;
            });
            source.Prepare(windows).ForEach("answer", window =>
            {
                for (var c = 0; c < network.Plan.Input.Channels; c++)
                {
                    window.Channels[c].Values<float>().CopyTo(row.AsSpan(c * network.Plan.Input.Samples));
                }

                network.Answer(weights.Values.AsSpan(), new(row, 1), rule ?? ExitRule.Never(network.Exits.Length), scores, exits, memory);
                var best = TensorPrimitives.IndexOfMax(scores);
                if (!float.IsFinite(scores[best]))
                {
                    if (++unanswered == 1) { Console.Error.WriteLine("quickstart: not answered: a window with values too large"); }
                    return;
                }

                answers++;
                var at = DateTime.UnixEpoch.AddTicks(window[Schema.TimeColumn].Values<long>()[^1] / 100);
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{at:yyyy-MM-ddTHH:mm:ss.fffZ},{Quoted(source.Classes[best])},{scores[best]:0.000}"));
            });
        });
        try
        {
            await pipeline.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BlockFailedException e) when (e.GetBaseException() is not (IOException or UnauthorizedAccessException))
        {
            throw new QuickstartException($"--csv: {e.GetBaseException().Message}", ExitCode.DataRefused);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;        // the way to end --follow: what was answered was written
        }
        finally
        {
            foreach (var (count, what) in new[]
            {
                (refusals > RefusalsShown ? refusals : 0, "rows were left out in all"),
                (untimely, "windows were not answered because of their times"),
                (unanswered, "windows were not answered because of their values"),
            })
            {
                if (count > 0) { Console.Error.WriteLine(FormattableString.Invariant($"quickstart: {count:N0} {what}")); }
            }
        }

        if (isEnded) { throw new QuickstartException("--csv: a file could not be read to its end", ExitCode.DataRefused); }
        if (answers > 0) { return ExitCode.Done; }
        if (untimely + unanswered > 0) { throw new QuickstartException("--csv: no window could be answered", ExitCode.DataRefused); }
        throw new QuickstartException($"--csv: no window was whole: the model answers {source.WindowSamples} rows at a time",
            ExitCode.DataRefused);
    }

    /// <summary>True for windows whose rows come as fast as those that the model was learned from: not across a gap, not back in time, not
    /// of two devices by turns.</summary>
    private static Func<Batch, bool> Timely(FleetSource source)
    {
        var due = (source.WindowSamples - 1) / source.RowsPerSecond;
        return window => Math.Abs(Seconds(window) - due) <= SpanTolerance * due;
    }

    private static string Untimely(Batch window, FleetSource source) => FormattableString.Invariant(
        $"a window of {window.Rows} rows spans {Seconds(window):0.###} s, where the model was learned from ")
        + FormattableString.Invariant($"{source.RowsPerSecond:0.###} rows a second: another rate, a gap, or several devices in one file");

    private static double Seconds(Batch window)
    {
        var times = window[Schema.TimeColumn].Values<long>();
        return (times[^1] - times[0]) / 1e9;
    }

    /// <summary>Waits until a file has a head and a row; false if it was interrupted.</summary>
    private static async Task<bool> AwaitRowsAsync(string path, CancellationToken cancellationToken)
    {
        for (var looks = 0; !File.Exists(path) || File.ReadLines(path).Take(2).Count() < 2; looks++)
        {
            if (looks == 0) { await Console.Error.WriteLineAsync($"quickstart: waiting for rows in {path}").ConfigureAwait(false); }
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested) { return false; }
        }

        return true;
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny(',', '"', '\n') ? $"\"{text.Replace("\"", "\"\"",
        StringComparison.Ordinal)}\"" : text;
}
