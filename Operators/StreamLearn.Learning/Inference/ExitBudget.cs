namespace StreamLearn.Learning;

/// <summary>Follows a budget of multiply-adds per row along a curve of thresholds.</summary>
/// <remarks>The aim is 5 % below the budget. Every 32 rows, the controller moves by one choice: cheaper above the aim, more accurate if 5 %
/// below it after 128 rows. The fading mean of work includes earlier choices, so overspending is compensated. A new budget jumps to the
/// best choice within the aim, a full queue to the cheapest, a drift alarm to the most accurate. Source: the entropy thresholds of
/// Teerapittayanon, McDanel, Kung (2016); the controller is this library's own.</remarks>
internal readonly record struct ExitBudget
{
    public const int RowsPerDecision = 32;

    public const double DeadBand = 0.05;

    private const int FadingRows = 128;

    public double MultiplyAddsPerRow { get; private init; }

    public int Index { get; internal init; }

    /// <summary>Fading mean of multiply-adds since the budget was set; 0 without rows.</summary>
    public double Measured { get; private init; }

    public long Rows { get; private init; }

    public int RowsToDecision => RowsPerDecision - (int)(Rows % RowsPerDecision);

    public static ExitBudget Of(ExitCurve curve, double multiplyAddsPerRow, long fullMultiplyAdds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fullMultiplyAdds);
        if (!(multiplyAddsPerRow > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(multiplyAddsPerRow), multiplyAddsPerRow, "expected a budget above 0");
        }

        return new()
        {
            MultiplyAddsPerRow = multiplyAddsPerRow,
            Index = curve.BestWithin((1 - DeadBand) * multiplyAddsPerRow / fullMultiplyAdds),
        };
    }

    internal ExitBudget State(ref StateStream s, ExitCurve curve) => new()
    {
        MultiplyAddsPerRow = s.Value(MultiplyAddsPerRow),
        Index = s.Value(Index, 0, curve.Points.Length - 1),
        Measured = s.Value(Measured),
        Rows = s.Value(Rows),
    };

    public ExitBudget Add(ExitCurve curve, long multiplyAdds)
    {
        var rows = Rows + 1;
        var next = this with { Rows = rows, Measured = Measured + ((multiplyAdds - Measured) / Math.Min(rows, FadingRows)) };
        if (rows % RowsPerDecision != 0) { return next; }
        var aim = (1 - DeadBand) * MultiplyAddsPerRow;
        var index = next.Measured > aim ? Index - 1 : next.Measured < (1 - DeadBand) * aim && rows >= FadingRows ? Index + 1 : Index;
        return next with { Index = Math.Clamp(index, 0, curve.Points.Length - 1) };
    }

    /// <summary>Uses the cheapest choice, because the credit is used up.</summary>
    public ExitBudget QueueFull() => this with { Index = 0 };

    public ExitBudget DriftAlarm(ExitCurve curve) => this with { Index = curve.Points.Length - 1 };
}
