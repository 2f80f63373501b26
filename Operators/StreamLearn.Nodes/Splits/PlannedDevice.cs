namespace StreamLearn.Nodes;

internal sealed class PlannedDevice
{
    private const double MaxRate = 1e12;        // bits per second, also for a probe that took no time
    private const int Kept = 8;         // number of rates passed to a predictor

    private readonly Queue<Estimate> _rates = new(Kept);

    internal string Name { get; private set; } = "";

    internal SplitResources Resources { get; private set; } = new();

    internal long Rows { get; private set; } = 1;

    internal int Split { get; private set; }

    internal double? Seconds { get; private set; }

    /// <summary>Ratio of the actual work time to that reported.</summary>
    internal double Load { get; set; } = 1;

    internal DateTimeOffset LastSeen { get; set; }

    internal double PlannedRate { get; set; }

    internal static PlannedDevice Of(string name) => new() { Name = name };

    internal void State(ref StateStream s)
    {
        Name = s.Value(Name);
        (Rows, Split, Load, PlannedRate) = (s.Value(Rows), s.Value(Split), s.Value(Load), s.Value(PlannedRate));
        LastSeen = s.ClockTime(LastSeen) ?? default;
        Seconds = s.Value(Seconds is not null) ? s.Value(Seconds ?? 0) : null;
        var (memory, computing) = (s.Value(Resources.MemoryBytes), s.Value(Resources.ComputingWatts));
        var (sending, receiving) = (s.Value(Resources.SendingWatts), s.Value(Resources.ReceivingWatts));
        var times = Resources.Times;
        if (s.Value(times is not null))
        {
            var (forward, backward) = (s.Array(times?.Forward ?? [], ushort.MaxValue), s.Array(times?.Backward ?? [], ushort.MaxValue));
            if (s.IsReading) { times = new(forward, backward); }
        }

        if (s.IsReading)
        {
            Resources = new()
            {
                Times = times,
                MemoryBytes = memory,
                ComputingWatts = computing,
                SendingWatts = sending,
                ReceivingWatts = receiving,
            };
        }

        s.Items(_rates, Kept, static (ref StateStream s, ref Estimate rate) =>
            rate = new(s.ClockTime(rate.At) ?? default, s.Value(rate.Value)));
        if (s.IsReading && (Rows < 1 || Load <= 0 || times?.Forward.Length != times?.Backward.Length))
        {
            throw new StateException($"expected a device in split training, got {Rows} rows at a load of {Load}");
        }
    }

    internal void Join(SplitResources resources, int rows) => (Resources, Rows) = (resources, rows);

    internal void Ended(SplitRound round, int split) => (Rows, Split, Seconds) =
        (Math.Max(1, round.Rows), split, round.TimePerBatch > TimeSpan.Zero ? round.TimePerBatch.TotalSeconds : null);

    internal void Measured(LinkEstimate estimate)
    {
        if (_rates.Count == Kept) { _rates.Dequeue(); }
        _rates.Enqueue(new(estimate.At, Math.Min(estimate.BitsPerSecond, MaxRate)));
    }

    /// <summary>In bits per second.</summary>
    internal double RateAt(DateTimeOffset now, Predictor predictor, double initial) =>
        _rates.Count == 0 ? initial : Math.Max(0, predictor.Predict(_rates.ToArray(), now));

    internal NodeView Node() => new(Name)
    {
        Times = Resources.Times,
        Power = new()
        {
            ComputingWatts = Resources.ComputingWatts,
            SendingWatts = Resources.SendingWatts,
            ReceivingWatts = Resources.ReceivingWatts,
        },
        MemoryBytes = Resources.MemoryBytes,
        Load = Load,
        Rows = Rows,
        LastSeconds = Seconds,
        BaselineSeconds = null,
    };
}
