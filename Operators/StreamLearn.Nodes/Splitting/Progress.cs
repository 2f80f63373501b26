namespace StreamLearn.Nodes;

internal sealed class Progress(SplitTrainOptions options, OperatorContext context, IOutput<SplitReport> reports)
{
    private double _loss;
    private int _steps;

    internal void State(ref StateStream s)
    {
        s.Value(ref _loss);
        s.Value(ref _steps, 0, int.MaxValue);
    }

    internal void Add(float loss, int rows)
    {
        _loss += loss;
        _steps++;
        context.Record("rows-trained", rows);
    }

    internal void PublishIfDue(TrainedPart part)
    {
        if (_steps >= options.ReportEvery) { Publish(part); }
    }

    internal void Publish(TrainedPart part)
    {
        var (evaluation, weights, rolledBack) = part.Report(context.Pipeline);
        reports.Emit(new()
        {
            Source = context.Pipeline,
            First = part.First,
            End = part.End,
            Loss = _steps == 0 ? 0 : (float)(_loss / _steps),
            RolledBack = rolledBack,
            Evaluation = evaluation,
            Weights = weights,
        });
        (_loss, _steps) = (0, 0);
    }
}
