using StreamLearn.Formats;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Tool;

internal static class AnswerJob
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    internal static async Task<int> RunAsync(AnswerChosen options, CancellationToken cancellationToken)
    {
        AnswerFile.RequireName(options.Answers);
        var model = WindowModelFile.Read(options.Answer.ToString());
        RequireScores(options.Bound, options.Answer, model.Scores);
        if (options.Follow && !await AwaitRowsAsync(options.Look.Csv!, cancellationToken).ConfigureAwait(false))
        {
            return ExitCode.Interrupted;
        }

        var columns = ColumnsOf(options, model);
        SayAhead(model);
        var files = new FileAnswers(columns, model, options.Follow ? LookEvery : null, Say);
        var (devices, isByRow) = (files.Devices, model.Preparation.WindowRows == 1);
        using var answers = new AnswerFile(options.Answers, AnswerForm.Of(model) with
        {
            Devices = devices,
            ByNumber = isByRow && columns.Time is null,
            HasBound = options.Bound is not null,
            IsLive = options.Follow,
        });
        var answering = new Answering(model, options.Bound is null ? model.Rule : null, options.Look.RowsOption, answers)
        {
            Bound = options.Bound is { } coverage ? model.Scores!.At(coverage) : null,
            Devices = devices,
            Seen = files.Seen,
            MayBeDevice = columns.Files.Columns.Where(static c => c.Value == FileValue.Class && !LookAtTimes.IsTimeText(c))
                .Select(static c => c.Source).FirstOrDefault(),
        };
        var silences = new DeviceSilences(devices);
        var pipeline = Pipeline.Define("answers", p =>
        {
            var windows = files.Windows(
                p, answering.Refuse, gap => silences.Of(Math.Max(0, gap.Label)).Add(gap), answering.SayResampled);
            if (!isByRow)
            {
                windows = windows.Map<Batch, Batch>("silences", window => silences.Of(AnswerRows.DeviceOf(window)).Pass(window));
            }

            model.Preparation.WithTimesOf(columns.Time).Features(windows).ForEach("answer", answering.Answer);
        });
        var isDone = await RunAsync(pipeline, options.Look.RowsOption, run =>
        {
            silences.End();
            answering.SayCounts(run.Metrics[files.FillBlock]);
        }, cancellationToken).ConfigureAwait(false);
        if (!isDone) { return ExitCode.Interrupted; }
        answering.RequireAnswers();
        if (options is { Bound: { } asked, Follow: false } && BoundCheck.Line(columns.Said, model, asked) is { } line) { Say(line); }
        return ExitCode.Done;
    }

    /// <summary>Returns false if interrupted, the normal end of <c>--follow</c>; all answers are written. <paramref name="ended"/>: called
    /// in any case.</summary>
    private static async Task<bool> RunAsync(
        Pipeline pipeline, string option, Action<PipelineRun> ended, CancellationToken cancellationToken)
    {
        var run = pipeline.Start(cancellationToken: CancellationToken.None);
        await using var _ = run.ConfigureAwait(false);
        try
        {
            await run.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (BlockFailedException e) when (e.GetBaseException() is ProgramException told)
        {
            throw new ProgramException(told.Message, told.ExitCode);
        }
        catch (BlockFailedException e) when (e.GetBaseException() is not (IOException or UnauthorizedAccessException))
        {
            throw new ProgramException($"{option}: {e.GetBaseException().Message}", ExitCode.DataRefused);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            ended(run);
        }
    }

    private static OwnColumns ColumnsOf(AnswerChosen options, WindowModelFile model)
    {
        var isByRow = model.Preparation.WindowRows == 1;
        var look = options.Look with { EachRow = isByRow };
        if (!options.Follow) { look = look.AsLearned(model.Card); }
        var columns = FirstLook.At(look, model.Preparation.RowsPerSecond ?? 1);
        foreach (var noted in columns.Time is null ? columns.Noted : []) { Say(noted); }       // otherwise windows report it
        foreach (var note in columns.TimeNotes) { Say(note); }
        if (columns.FallingTime is { } falling)
        {
            throw new ProgramException($"{options.Look.RowsOption}: column '{falling}' is named like a time, but does not rise",
                ExitCode.DataRefused);
        }

        return options.Answers is not { } to || !columns.Origins.Any(f => Path.GetFullPath(f) == to.FullName) ? columns
            : throw new ProgramException($"--out: {to} is the file of the rows: use another file for the answers", ExitCode.BadCommandLine);
    }

    private static void Say(string text) => Console.Error.WriteLine($"streamlearn: {PrintableText.Of(text)}");

    internal static void SayAhead(WindowModelFile model)
    {
        if (model.Ahead is { TotalSeconds: var later })
        {
            Say(FormattableString.Invariant($"answers are for {later:0.###} s after their time"));
        }
    }

    internal static void RequireScores(double? bound, FileInfo model, ConformalScores? scores)
    {
        if (bound is not { } coverage || scores?.Groups >= ConformalScores.GroupsFor(coverage)) { return; }
        throw new ProgramException($"--bound: {model} has {FitNotes.Scored(scores)} for a bound: streamlearn fit --bound measures them, "
            + FormattableString.Invariant($"with {ConformalScores.GroupsFor(coverage)} devices or more"), ExitCode.DataRefused);
    }

    /// <summary>Waits for a header and a row; returns false if interrupted.</summary>
    /// <exception cref="ProgramException">The file cannot be followed or is unreadable.</exception>
    private static async Task<bool> AwaitRowsAsync(string path, CancellationToken cancellationToken)
    {
        if (FileSet.IsPattern(path) && !File.Exists(path))
        {
            throw new ProgramException($"--follow: expected one file, got the pattern {path}", ExitCode.BadCommandLine);
        }

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
