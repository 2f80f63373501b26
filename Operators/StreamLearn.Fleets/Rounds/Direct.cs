using System.Globalization;
using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Decides the directive for a device.</summary>
/// <remarks>It is a pure function of device and round, without memory.</remarks>
public abstract record Direct : Rule
{
    /// <summary>No directives.</summary>
    public static Direct Unchanged { get; } = new Same(Directive.Unchanged);

    /// <summary>Gives every device the same directive.</summary>
    /// <param name="directive">The directive, which names no device.</param>
    /// <exception cref="ArgumentException">The directive is null or invalid, or names a device.</exception>
    public static Direct Same(Directive directive) => Checked(new Same(directive));

    /// <summary>Returns a device's directive.</summary>
    /// <param name="device">The device.</param>
    /// <param name="round">The round that begins.</param>
    public abstract Directive For(in DeviceView device, in RoundView round);
}

internal sealed record Same(Directive Directive) : Direct
{
    public override Directive For(in DeviceView device, in RoundView round) => Directive;

    public override void Check()
    {
        ArgumentNullException.ThrowIfNull(Directive);
        if (!Directive.IsValid || Directive.Device is not null)
        {
            throw new ArgumentException($"expected a directive with values in range for every device, got {Directive}", nameof(Directive));
        }
    }

    protected override bool PrintMembers(StringBuilder builder)
    {
        if (Directive == Directive.Unchanged) { return false; }
        builder.Append(CultureInfo.InvariantCulture, $"Directive = {Directive}");
        return true;
    }
}
