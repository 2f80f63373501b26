using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Follows a budget of multiply-adds per row along a curve of thresholds. A value: each step gives a new one.</summary>
/// <remarks>
/// It aims 5 % below the budget, so that what comes late does not break it. Every 32 rows the choice moves by one: to the next cheaper one
/// when the measured work is above the aim, to the next more accurate one when it is more than 5 % below that and 128 rows have been seen.
/// The measured work is the mean of the rows since the budget was set, fading beyond 128 of them; as it goes on over moves, time spent on
/// a choice above the budget is made up for below it. A new budget goes straight to the best choice that kept within the aim on the
/// validation rows; a full queue goes to the cheapest, a drift alarm to the most accurate one, and the budget moves on from there.
/// Source: the entropy thresholds of Teerapittayanon, McDanel, Kung (2016); the controller is this library's own.
/// </remarks>
internal readonly record struct ExitBudget
{
    /// <summary>Rows from one decision to the next.</summary>
    public const int RowsPerDecision = 32;

    /// <summary>Part of the budget that is kept free, and part of the aim within which the choice stays.</summary>
    public const double DeadBand = 0.05;

    private const int FadingRows = 128;

    /// <summary>Multiply-adds of a row to stay within on average.</summary>
    public double MultiplyAddsPerRow { get; private init; }

    /// <summary>The choice in use, from 0, the cheapest.</summary>
    public int Index { get; internal init; }

    /// <summary>Mean multiply-adds of the rows since the budget was set, fading; 0 without rows.</summary>
    public double Measured { get; private init; }

    /// <summary>Rows since the budget was set.</summary>
    public long Rows { get; private init; }

    /// <summary>Rows until the next decision, 1 to 32: until then the choice does not change.</summary>
    public int RowsToDecision => RowsPerDecision - (int)(Rows % RowsPerDecision);

    /// <summary>Starts at the best choice within a budget. <paramref name="multiplyAddsPerRow"/>: multiply-adds of a row to stay within on
    /// average, above 0. <paramref name="fullMultiplyAdds"/>: multiply-adds of a row in the whole network, above 0.</summary>
    public static ExitBudget Of(ExitCurve curve, double multiplyAddsPerRow, long fullMultiplyAdds)
    {
        ArgumentNullException.ThrowIfNull(curve);
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

    /// <summary>Counts the work of a row, and moves on along the curve where it is time to.</summary>
    public ExitBudget Add(ExitCurve curve, long multiplyAdds)
    {
        ArgumentNullException.ThrowIfNull(curve);
        var rows = Rows + 1;
        var next = this with { Rows = rows, Measured = Measured + ((multiplyAdds - Measured) / Math.Min(rows, FadingRows)) };
        if (rows % RowsPerDecision != 0) { return next; }
        var aim = (1 - DeadBand) * MultiplyAddsPerRow;
        var index = next.Measured > aim ? Index - 1 : next.Measured < (1 - DeadBand) * aim && rows >= FadingRows ? Index + 1 : Index;
        return next with { Index = Math.Clamp(index, 0, curve.Points.Length - 1) };
    }

    /// <summary>Goes to the cheapest choice: a queue is full, credit is used up.</summary>
    public ExitBudget QueueFull() => this with { Index = 0 };

    /// <summary>Goes to the most accurate choice: the stream has changed.</summary>
    public ExitBudget DriftAlarm(ExitCurve curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        return this with { Index = curve.Points.Length - 1 };
    }
}
