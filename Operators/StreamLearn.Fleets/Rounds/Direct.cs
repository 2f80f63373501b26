using System.Globalization;
using System.Text;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>Decides what a device is to do differently from now on.</summary>
/// <remarks>A rule is a pure function of the device and the round: it remembers nothing.</remarks>
public abstract record Direct : Rule
{
    /// <summary>Every device goes on as it does.</summary>
    public static Direct Unchanged { get; } = new Same(Directive.Unchanged);

    /// <summary>Every device is told the same.</summary>
    /// <param name="directive">What; it names no device.</param>
    /// <exception cref="ArgumentException">The directive is null or invalid, or names a device.</exception>
    public static Direct Same(Directive directive) => Checked(new Same(directive));

    /// <summary>What a device is told.</summary>
    /// <param name="device">The device.</param>
    /// <param name="round">The round that begins.</param>
    public abstract Directive For(in DeviceView device, in RoundView round);
}

/// <summary>The rule of <see cref="Direct.Same"/>.</summary>
internal sealed record Same(Directive Directive) : Direct
{
    public override Directive For(in DeviceView device, in RoundView round) => Directive;

    public override void Check()
    {
        ArgumentNullException.ThrowIfNull(Directive);
        if (!Directive.IsValid || Directive.Device is not null)
        {
            throw new ArgumentException($"expected a directive for every device, in range, got {Directive}", nameof(Directive));
        }
    }

    /// <summary>Prints nothing where nothing is told.</summary>
    protected override bool PrintMembers(StringBuilder builder)
    {
        if (Directive == Directive.Unchanged) { return false; }
        builder.Append(CultureInfo.InvariantCulture, $"Directive = {Directive}");
        return true;
    }
}
