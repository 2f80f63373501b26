namespace StreamLearn.Tables;

internal static class ThresholdCaveat
{
    /// <summary>Null: enough rows set it, or it is given. <paramref name="learn"/>: how to use that many rows. <paramref name="rate"/>: how
    /// to allow more alarms.</summary>
    internal static string? Of(AnomalyOptions options, Func<string, string> learn, string rate) =>
        AnomalyWatch.RowsToBeSure(options) is not { } rows ? null : string.Create(CultureInfo.InvariantCulture,
            $"too few normal rows: at most {options.LearnRows:N0} set the threshold, ")
            + string.Create(CultureInfo.InvariantCulture, $"and one in {1 / options.FalseAlarmRate:N0} should exceed it; ")
            + "expect more false alarms, especially if rows are correlated; "
            + $"to improve this, use {learn(rows.ToString(CultureInfo.InvariantCulture))}, or {rate}";
}
