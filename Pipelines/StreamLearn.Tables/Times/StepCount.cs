namespace StreamLearn.Tables;

/// <summary>Distinguishes clocks and counters, which change in one direction, from signals, which alternate.</summary>
internal struct StepCount
{
    private const double NearlyEvery = 0.95;        // minimum share of steps, since counters wrap and rows are lost
    private const int MinSteps = 30;              // minimum steps for a decision
    private const int MinTurns = 3;               // minimum repetitions
    private const int MaxTurns = 200;              // maximum turns to inspect
    private const double MaxUneven = 0.2;          // allowed relative deviation of the rows between turns
    private const double MaxOdd = 0.2;             // allowed share of odd turns
    private const double MinOnes = 0.8;           // minimum share of steps of a counter that wraps, since rows are lost
    private const double MaxLost = 16;             // values lost at a wrap, since rows are lost

    private static readonly double[] Lasts = [byte.MaxValue, ushort.MaxValue];

    private double? _last;
    private int _rises;
    private int _falls;
    private int _ones;                                      // steps of one, up or down
    private List<(int Step, double Size)>? _turns;          // steps against the main direction

    internal int Steps { get; private set; }

    internal readonly bool IsEnough => Steps >= MinSteps;

    /// <summary>Returns true if nearly every step has the same direction.</summary>
    internal readonly bool IsOneWay => Math.Max(_rises, _falls) >= NearlyEvery * Steps;

    /// <summary>Rows between equal resets, as in a sawtooth; null if there are none, or for the wrap of an 8- or 16-bit counter.</summary>
    internal readonly int? Period
    {
        get
        {
            var isRising = _rises >= _falls;
            var against = (_turns ?? []).FindAll(t => t.Size < 0 == isRising);
            if (against.Count < MinTurns) { return null; }
            var half = against.Max(static t => Math.Abs(t.Size)) / 2;       // smaller steps are noise
            var turns = against.FindAll(t => Math.Abs(t.Size) >= half);
            if (turns.Count < MinTurns || (_ones >= MinOnes * Steps && Wraps(turns))) { return null; }
            var rows = turns.Zip(turns.Skip(1), static (a, b) => b.Step - a.Step).Order().ToList();
            var usual = rows[rows.Count / 2];
            return rows.Count(r => Math.Abs(r - usual) > MaxUneven * usual) <= MaxOdd * rows.Count ? usual : null;
        }
    }

    internal void Add(double value)
    {
        if (double.IsNaN(value)) { return; }
        if (_last is { } last)
        {
            Steps++;
            var isAgainst = value != last && value > last == _falls > _rises;
            if (isAgainst && (_turns ??= []).Count < MaxTurns) { _turns.Add((Steps, value - last)); }
            if (value > last) { _rises++; }
            else if (value < last) { _falls++; }
            if (Math.Abs(value - last) == 1) { _ones++; }
        }

        _last = value;
    }

    /// <summary>Returns true if most resets go from the last to the first 8- or 16-bit number.</summary>
    private static bool Wraps(List<(int Step, double Size)> turns) => Array.Exists(Lasts, last =>
        turns.TrueForAll(t => Math.Abs(t.Size) <= last && Math.Abs(t.Size) >= last - MaxLost)
            && turns.Count(t => Math.Abs(t.Size) == last) * 2 >= turns.Count);
}
