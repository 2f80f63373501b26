namespace StreamLearn.Tables;

internal static class ThresholdCaveat
{
    /// <summary>Returns a warning if too few rows set the threshold; null if there are enough, or the threshold is given.
    /// <paramref name="learn"/>: describes how to use a number of rows. <paramref name="rate"/>: describes how to allow more
    /// alarms.</summary>
    internal static string? Of(AnomalyOptions options, Func<string, string> learn, string rate) =>
        AnomalyWatch.RowsToBeSure(options) is not { } rows ? null : string.Create(CultureInfo.InvariantCulture,
            $"too few normal rows: at most {options.LearnRows:N0} set the threshold, ")
            + string.Create(CultureInfo.InvariantCulture, $"and one in {1 / options.FalseAlarmRate:N0} should exceed it; ")
            + "expect more false alarms, especially if rows are correlated; "
            + $"to improve this, use {learn(rows.ToString(CultureInfo.InvariantCulture))}, or {rate}";
}
