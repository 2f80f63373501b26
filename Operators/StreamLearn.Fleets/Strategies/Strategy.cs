using System.Text;

namespace StreamLearn.Fleets;

/// <summary>How a fleet makes versions of a model: a preset, or <see cref="Rules"/> put together from any rules.</summary>
public abstract record Strategy : Rule
{
    /// <summary>The five rules.</summary>
    public abstract Rules Rounds { get; }

    /// <summary>Checks the settings and the rules that follow from them; called at wiring.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public override void Check() => Rounds.Check();

    /// <summary>Prints the settings alone.</summary>
    /// <param name="builder">Where to.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;
}
