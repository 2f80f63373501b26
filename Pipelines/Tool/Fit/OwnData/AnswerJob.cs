using System.Collections.Concurrent;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Tool;

internal static class AnswerJob
{
    private const int MostDevices = 10_000;     // maximum devices of a growing file

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    internal static async Task<int> RunAsync(AnswerChosen options, CancellationToken cancellationToken)
    {
        AnswerFile.RequireName(options.Answers);
        var (model, weights, rule, scores) = SavedModel.Read(options.Answer);
        RequireScores(options.Bound, options.Answer, scores);
        var source = model.Source;
        if (options.Follow)
        {
            if (FileSet.IsPattern(options.Csv!) && !File.Exists(options.Csv))
            {
                throw new ProgramException($"--follow: expected one file, got the pattern {options.Csv}", ExitCode.BadCommandLine);
            }

            if (!await AwaitRowsAsync(options.Csv!, cancellationToken).ConfigureAwait(false)) { return ExitCode.Interrupted; }
        }

        var columns = FirstLook.At(options.Look with { EachRow = source.WindowSamples == 1 }, source.RowsPerSecond);
        foreach (var noted in columns.Time is null ? columns.Noted : [])       // otherwise windows report it
        {
            await Console.Error.WriteLineAsync($"streamlearn: {PrintableText.Of(noted)}").ConfigureAwait(false);
        }

        if (columns.FallingTime is { } falling)
        {
            throw new ProgramException($"{options.RowsOption}: column '{falling}' is named like a time, but does not rise",
                ExitCode.DataRefused);
        }

        if (options.Answers is { } to && columns.Files.Set.Files.Any(f => Path.GetFullPath(f) == to.FullName))
        {
            throw new ProgramException($"--out: {to} is the file of the rows: use another file for the answers", ExitCode.BadCommandLine);
        }

        if (source.Ahead is { } ahead)
        {
            await Console.Error.WriteLineAsync(FormattableString.Invariant(
                $"streamlearn: answers are for {ahead.TotalSeconds:0.###} s after their time")).ConfigureAwait(false);
        }

        var devices = AnswerRows.DevicesOf(columns, options.Follow ? MostDevices : int.MaxValue,
            static text => Console.Error.WriteLine($"streamlearn: {text}"));
        var form = AnswerRows.FormOf(columns, source.Preparation, options.Follow ? LookEvery : null, devices);
        var isByRow = source.WindowSamples == 1;
        using var answers = new AnswerFile(options.Answers, source, devices, options.Follow, options.Bound is not null,
            byNumber: isByRow && columns.Time is null);
        var answering = new Answering(model, weights, options.Bound is null ? rule : null, options.RowsOption, answers)
        {
            Bound = options.Bound is { } coverage ? scores!.At(coverage) : null,
            Devices = devices,
            MayBeDevice = columns.Files.Columns.Where(static c => c.Value == FileValue.Class && !LookAtTimes.IsTimeText(c))
                .Select(static c => c.Source).FirstOrDefault(),
        };
        var silences = new ConcurrentDictionary<int, Silences>();
        var pipeline = Pipeline.Define("answers", p =>
        {
            var rows = columns.Files.Play(p, form, answering.Refuse);
            var windows = devices is null ? Cut(rows)
                : rows.PerKey(Schema.LabelColumn, Cut, options.Follow ? MostDevices : devices.All.Length, TimeSpan.MaxValue);
            if (!isByRow)
            {
                windows = windows.Map<Batch, Batch>("silences", window => SilencesOf(AnswerRows.DeviceOf(window)).Pass(window));
            }

            source.Preparation.Features(windows).ForEach("answer", answering.Answer);
        });
        var run = pipeline.Start(cancellationToken: CancellationToken.None);
        await using var _ = run.ConfigureAwait(false);
        try
        {
            await run.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BlockFailedException e) when (e.GetBaseException() is ProgramException told)
        {
            throw new ProgramException(told.Message, told.ExitCode);
        }
        catch (BlockFailedException e) when (e.GetBaseException() is not (IOException or UnauthorizedAccessException))
        {
            throw new ProgramException($"{options.RowsOption}: {e.GetBaseException().Message}", ExitCode.DataRefused);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;        // the normal end of --follow: all answers are written
        }
        finally
        {
            foreach (var (_, of) in silences.OrderBy(static s => s.Key)) { of.End(); }
            answering.SayCounts(run.Metrics[devices is null ? "fill" : $"per-key {Schema.LabelColumn}"]);
        }

        answering.RequireAnswers();
        return ExitCode.Done;

        Flow<Batch> Cut(Flow<Batch> rows) => source.Preparation.Cut(
            source.Preparation.Rows(rows, gap => SilencesOf(Math.Max(0, gap.Label)).Add(gap)), CheckQualityOptions.SegmentColumn, window =>
            {
                answering.RefuseWindow(window);
                SilencesOf(AnswerRows.DeviceOf(window)).Refuse(window);
            });

        Silences SilencesOf(int device) => silences.GetOrAdd(device, place =>
        {
            var of = devices is null ? "" : $"{devices.All[place]}: ";
            return new(text => Console.Error.WriteLine($"streamlearn: {of}{text}"));
        });
    }

    internal static void RequireScores(double? bound, FileInfo model, ConformalScores? scores)
    {
        if (bound is null || scores is not null) { return; }
        throw new ProgramException($"--bound: {model} has no scores for a bound: streamlearn fit --bound measures them, with "
            + FormattableString.Invariant($"{ConformalScores.MinGroups} devices or more"), ExitCode.DataRefused);
    }

    /// <summary>Waits for a header and a row; false if interrupted.</summary>
    /// <exception cref="ProgramException">Impossible, or unreadable.</exception>
    private static async Task<bool> AwaitRowsAsync(string path, CancellationToken cancellationToken)
    {
        for (var looks = 0; !HasRows(path); looks++)
        {
            if (looks == 0) { await Console.Error.WriteLineAsync($"streamlearn: waiting for rows in {path}").ConfigureAwait(false); }
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested) { return false; }
        }

        return true;
    }

    private static bool HasRows(string path)
    {
        try
        {
            FileSet.Find(path);     // refuses a pipe, because opening it would block
            return File.Exists(path) && File.ReadLines(path).Take(2).Count() == 2;
        }
        catch (Exception e) when (e is FileRowsException or IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"{OwnCsv.Name}: {e.Message}", ExitCode.DataRefused);
        }
    }
}
