using StreamLearn.Tables;

namespace Tool;

internal static class LiveAnswers
{
    private const double ArrivalTolerance = 0.5;        // rows arrive in bursts
    private static readonly TimeSpan MessageGap = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LineGap = TimeSpan.FromSeconds(1);

    internal static async Task<int> RunAsync(FileInfo file, LiveSource source, CancellationToken cancellationToken)
    {
        AnswerFile.RequireName(source.Out);
        var model = WindowModelFile.Read(file.ToString());
        AnswerJob.RequireScores(source.Bound, file, model.Scores);
        var preparation = model.Preparation;
        if (source.Time is null)
        {
            LiveRun.Say(LiveRun.NoTime);
            preparation = preparation with
            {
                SpanTolerance = ArrivalTolerance,
                Gap = source.Lines is null ? MessageGap : LineGap,
            };
        }

        else { preparation = preparation with { SpanTolerance = double.PositiveInfinity }; }        // its rows have the model's rate

        AnswerJob.SayAhead(model);
        var rule = source.Bound is null ? model.Rule : null;      // otherwise the whole model was evaluated
        using var answers = new AnswerFile(
            source.Out, AnswerForm.Of(model) with { HasBound = source.Bound is not null, IsLive = true });
        var answering = new Answering(model, rule, "rows", answers)
        {
            Bound = source.Bound is { } coverage ? model.Scores!.At(coverage) : null,
            Seen = new(model),
        };
        AnswerOptions options = new(model.Classes)
        {
            Pinned = model.Weights,
            Model = model.Answering,
            Leaving = rule,
            Bound = source.Bound is { } share ? new(share, model.Scores!) : null,
        };
        var live = new LiveRun(source);
        await using var _ = live.ConfigureAwait(false);
        var pipeline = Pipeline.Define("answers", p =>
        {
            var rows = answering.Seen.Of(live.Rows(
                p, preparation.Channels, FormCard.Of(model.Card), preparation.RowsPerSecond, answering.RefuseLive));
            var windows = preparation.CutPaced(rows, resampled: answering.SayResampled).InTime(preparation, answering.RefuseWindow);
            var answered = preparation.Features(windows).Answer(source.Device, options);
            answered.ForEach("print", answering.Print);
            live.Publish(answered, WindowAnswer.Json);
        });
        return await live.RunAsync(pipeline, () =>
        {
            answering.RequireAnswers();
            return ExitCode.Done;
        }, run => answering.SayCounts(run.Metrics["fill"]), cancellationToken).ConfigureAwait(false);
    }
}
