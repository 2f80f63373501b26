namespace StreamLearn;

/// <summary>An operator whose state can be saved after any call and taken up by a new instance, which then goes on as if nothing had
/// happened: the same calls give the same bits.</summary>
/// <remarks>What the host keeps for an operator is not part of it: the wake-up asked for, the numbers drawn from
/// <see cref="OperatorContext.Random"/>, counters, messages that wait.</remarks>
public interface IStateful
{
    /// <summary>The name of the form and its version, such as <c>window/1</c>. Another version is another form.</summary>
    string StateFormat { get; }

    /// <summary>Earlier forms that <see cref="State"/> reads too: <see cref="StateStream.Format"/> says which one it gets. Default none:
    /// a state of another form is refused.</summary>
    IReadOnlyList<string> EarlierFormats => [];

    /// <summary>True if <see cref="State"/> reads states of a form.</summary>
    /// <param name="format">The form.</param>
    internal bool Reads(string format) => format == StateFormat || EarlierFormats.Contains(format);

    /// <summary>Writes the state, or takes one up. It is written between calls, which changes nothing, and read before the first call; if
    /// reading throws, the instance is disposed.</summary>
    /// <param name="s">Writes each value, or assigns it.</param>
    /// <exception cref="StateException">What is read is of a block with other settings, or damaged.</exception>
    void State(ref StateStream s);
}
