namespace StreamLearn;

/// <summary>An operator whose state can be saved after any call. If a new instance restores it, the same calls give the same
/// bits.</summary>
/// <remarks>The state excludes what the host saves: the requested wake-up, the position of <see cref="OperatorContext.Random"/>, counters
/// and queued messages.</remarks>
public interface IStateful
{
    /// <summary>The format's name and version, such as <c>window/1</c>.</summary>
    string StateFormat { get; }

    /// <summary>Older formats that <see cref="State"/> also reads, by <see cref="StateStream.Format"/>. Default none: other formats are
    /// refused.</summary>
    IReadOnlyList<string> EarlierFormats => [];

    internal bool Reads(string format) => format == StateFormat || EarlierFormats.Contains(format);

    /// <summary>Writes or restores the state. Writing happens between calls and must change nothing; reading precedes the first call. If
    /// reading throws, the instance is disposed.</summary>
    /// <param name="s">Writes or assigns each value.</param>
    /// <exception cref="StateException">The state is damaged or was saved with other settings.</exception>
    void State(ref StateStream s);
}
