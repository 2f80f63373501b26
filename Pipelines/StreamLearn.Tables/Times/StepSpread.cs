namespace StreamLearn.Tables;

/// <summary>The spread of the steps between rows of one recording, of all its parts.</summary>
internal sealed class StepSpread
{
    private const int Most = 512;               // sampled steps
    private const int Block = 16;               // steps that show a rate
    private const int MinEven = 13;             // of a block
    private const double Even = 0.25;           // relative deviation of an even block's steps, and of a rate's blocks
    private const int MaxRates = 64;
    private const int MinBlocks = 3;            // of a rate
    private const double MinShare = 0.1;        // of a rate, of the rows or of the time
    private const double MinCovered = 0.8;      // of all rates, of the rows

    private const double Near = 0.5;            // of the middle step
    private const double MinNear = 0.7;         // share of steps so near, with which windows have a length
    private const double MinSpread = 3.5;       // of the ninth tenth to the first; missing rows are filled in within it

    private readonly List<double> _sample = [];
    private readonly double[] _block = new double[Block];
    private readonly List<(double Step, int Blocks)> _rates = [];
    private ulong _count;

    internal void Add(double step)
    {
        _block[_count++ % Block] = step;
        if (_sample.Count < Most) { _sample.Add(step); }
        else if ((uint)((_count * 0x9E37_79B9_7F4A_7C15) >> 32) * _count >> 32 is < Most and var at) { _sample[(int)at] = step; }

        if (_count % Block == 0) { EndBlock(); }
    }

    private void EndBlock()
    {
        Array.Sort(_block);
        var middle = _block[Block / 2];
        if (_block.Count(s => IsNear(s, middle, Even)) < MinEven) { return; }
        var at = _rates.FindIndex(r => IsNear(middle, r.Step, Even));
        if (at >= 0) { _rates[at] = (_rates[at].Step, _rates[at].Blocks + 1); }
        else if (_rates.Count < MaxRates) { _rates.Add((middle, 1)); }
    }

    private static bool IsNear(double step, double middle, double share) => Math.Abs(step - middle) <= share * middle;

    /// <summary>Says how long steps are, if most recordings have such that windows of rows have no length; null: they have not.
    /// <paramref name="recordings"/>: the first steps, and all.</summary>
    internal static string? Irregular(List<(List<double> First, StepSpread All)> recordings)
    {
        var odd = recordings.Count(static r => StepLength.Of(r.First).Pause == 0 && r.All.IsUneven);
        if (odd * 2 <= recordings.Count) { return null; }
        var every = recordings.SelectMany(static r => r.All._sample).Order().ToList();
        return $"rows come irregularly, {RateText.Period(every[0] / 1e9)} to {RateText.Period(every[^1] / 1e9)} apart, half of them within "
            + $"{RateText.Period(every[every.Count / 2] / 1e9)}: --window row takes each by itself";
    }

    private bool IsUneven
    {
        get
        {
            var ordered = _sample.Order().ToList();
            var (tenth, middle) = (ordered.Count / 10, ordered[ordered.Count / 2]);
            return ordered[^(tenth + 1)] > MinSpread * ordered[tenth] && Rates.Count < 2
                && ordered.Count(s => IsNear(s, middle, Near)) < MinNear * ordered.Count;
        }
    }

    /// <summary>Seconds between rows, longest first, of the recording with the most different ones that are gaps for one another.</summary>
    internal static ImmutableArray<double> Changing(List<StepSpread> recordings) =>
        recordings.Select(static r => r.Rates).Where(static r => r.Count > 1).MaxBy(static r => r.Max() / r.Min()) is { } rates
            ? [.. rates.OrderDescending().Select(static s => s / 1e9)] : [];

    private List<double> Rates
    {
        get
        {
            var time = _rates.Sum(static r => r.Step * r.Blocks);
            var rates = _rates.FindAll(r => r.Blocks >= MinBlocks
                && (r.Blocks * Block >= MinShare * _count || r.Step * r.Blocks >= MinShare * time));
            return rates.Count < 2 || rates.Sum(static r => r.Blocks) * Block < MinCovered * _count
                || rates.Max(static r => r.Step) <= RowFilling.GapRows * rates.Min(static r => r.Step)
                ? [] : rates.ConvertAll(static r => r.Step);
        }
    }
}
