namespace StreamLearn.Formats;

/// <summary>Settings of <c>FromJsonLines</c>. Columns must be given.</summary>
public sealed record JsonLinesOptions : RowFileOptions
{
    internal string Text() => FormattableString.Invariant($"{string.Join("; ", Columns)}; batches of {BatchRows} rows, {BadRows}")
        + FormattableString.Invariant($"{(SamplesPerSecond is null ? "" : $", {SamplesPerSecond} rows/s from {Start:O}")}")
        + (Follow is null ? "" : $", followed every {Follow}");
}
