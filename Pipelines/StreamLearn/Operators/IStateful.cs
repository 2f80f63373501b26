namespace StreamLearn;

/// <summary>An operator whose state can be saved after any call and taken up by a new instance, which then goes on as if nothing had
/// happened: the same calls give the same bits.</summary>
/// <remarks>What the host keeps for an operator is not part of it: the wake-up asked for, the numbers drawn from
/// <see cref="OperatorContext.Random"/>, counters, messages that wait.</remarks>
public interface IStateful
{
    /// <summary>The name of the form and its version, such as <c>window/1</c>. Another version is another form.</summary>
    string StateFormat { get; }

    /// <summary>Earlier forms that <see cref="Load"/> reads too: <see cref="StateReader.Format"/> says which one it gets. Default none:
    /// a state of another form is refused.</summary>
    IReadOnlyList<string> EarlierFormats => [];

    /// <summary>True if <see cref="Load"/> reads states of a form.</summary>
    /// <param name="format">The form.</param>
    internal bool Reads(string format) => format == StateFormat || EarlierFormats.Contains(format);

    /// <summary>Writes the state. It is called between calls, and changes nothing.</summary>
    /// <param name="writer">Where to.</param>
    void Save(StateWriter writer);

    /// <summary>Takes up a state, before the first call. If it throws, the instance is disposed.</summary>
    /// <param name="reader">What <see cref="Save"/> wrote.</param>
    /// <exception cref="StateException">It is of a block with other settings, or damaged.</exception>
    void Load(ref StateReader reader);
}
