namespace StreamLearn.Nodes;

internal sealed class SplitMove(SplitTrainOptions options, OperatorContext context)
{
    private const int MaxDoublings = 5;

    private int _asked;             // number of requests
    private long _since;            // sequence of the first request of the current move; 0: none
    private DateTimeOffset _deadline;

    internal bool IsUnderWay => _since > 0;

    internal long Since => _since;

    internal int To { get; private set; }

    internal bool IsOverdue => IsUnderWay && _deadline <= context.Now;

    internal void State(ref StateStream s, int layers)
    {
        s.Value(ref _since);
        To = s.Value(To, 0, layers);
        s.ClockTime(ref _deadline);
        s.Value(ref _asked, 0, int.MaxValue);
    }

    internal void Begin(int to, long sequence) => (To, _since, _asked) = (to, sequence, 0);

    internal void Asked(bool backsOff = false)
    {
        _deadline = context.Now + (options.GradientTimeout * (backsOff ? 1 << Math.Min(_asked, MaxDoublings) : 1));
        _asked++;
        Wake();
    }

    internal void Wake()
    {
        if (IsUnderWay) { context.WakeAt(_deadline); }
    }

    internal bool IsAnsweredBy(BoundaryGradients message) => IsUnderWay && message.Sequence >= _since;

    internal void End() => _since = 0;
}
