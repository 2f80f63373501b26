namespace StreamLearn.Programs;

/// <summary>The first line of a recording: what its pipelines are made from. <paramref name="Source"/>: the configuration's file, for
/// relative paths. <paramref name="Epoch"/>: that of its devices. <paramref name="Said"/>: what they tell of their machine.</summary>
internal sealed record RecordedStart(string Source, string Configuration, long Epoch, bool HasLedger, DeviceCapabilities Said)
{
    private const string Begin = "streamlearn-sensor-start 1 ";

    internal string Line => string.Create(CultureInfo.InvariantCulture,
        $"{Begin}{Epoch} {(HasLedger ? 1 : 0)} {Said.Cores} {Said.MemoryBytes} {Word(Said.Program)} {Word(Source)} {Word(Configuration)}");

    /// <summary>Null: it is no recording of a sensor.</summary>
    internal static RecordedStart? TryRead(string? line)
    {
        if (line is null || !line.StartsWith(Begin, StringComparison.Ordinal)
            || line[Begin.Length..].Split(' ') is not
                [var epoch, ("0" or "1") and var ledger, var cores, var memory, var program, var source, var configuration]
            || !long.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !int.TryParse(cores, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || !long.TryParse(memory, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
        {
            return null;
        }

        try
        {
            return new(TextOf(source), TextOf(configuration), number, ledger == "1",
                new(count, bytes, TextOf(program), LearningCodecs.Deltas.Name));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Word(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string TextOf(string word) => Encoding.UTF8.GetString(Convert.FromBase64String(word));
}
