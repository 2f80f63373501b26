using System.Text;

namespace StreamLearn.Fleets;

/// <summary>A fleet's way to make model versions: a preset or custom <see cref="Rules"/>.</summary>
public abstract record Strategy : Rule
{
    /// <summary>The five rules.</summary>
    public abstract Rules Rounds { get; }

    /// <summary>Checks the settings and the resulting rules; called at wiring.</summary>
    /// <exception cref="ArgumentException">Setting out of range.</exception>
    public override void Check() => Rounds.Check();

    /// <summary>Prints only the settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;
}
