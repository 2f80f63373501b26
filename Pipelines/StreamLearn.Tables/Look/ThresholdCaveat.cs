using System.Globalization;
using StreamLearn.Learning;

namespace StreamLearn.Tables;

internal static class ThresholdCaveat
{
    /// <summary>Null: enough rows set it, or it is given. <paramref name="learn"/>: how to use that many rows. <paramref name="rate"/>: how
    /// to allow more alarms.</summary>
    internal static string? Of(AnomalyOptions options, Func<string, string> learn, string rate) =>
        AnomalyWatch.RowsToBeSure(options) is not { } rows ? null : string.Create(CultureInfo.InvariantCulture,
            $"the threshold is a guess beyond what was seen: at most {options.LearnRows:N0} rows set it, ")
            + string.Create(CultureInfo.InvariantCulture, $"and one in {1 / options.FalseAlarmRate:N0} is to exceed it; ")
            + "rows that hang together can give many times more alarms; "
            + $"what helps is {learn(rows.ToString(CultureInfo.InvariantCulture))}, or {rate}";
}
