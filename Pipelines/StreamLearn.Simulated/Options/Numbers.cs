using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace StreamLearn.Simulated;

internal static class Numbers
{
    internal static Option<long?> Count(string name, string description, string hint = "") => new(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1) { return count; }
            result.AddError($"{name}: expected a whole number of at least 1, got '{text}'{hint}");
            return null;
        },
    };

    internal static Option<TNumber?> Optional<TNumber>(string name, string description, TNumber least, TNumber most)
        where TNumber : struct, INumber<TNumber> =>
        new(name) { Description = description, CustomParser = result => Within(result, name, least, most) };

    internal static Option<TNumber> Of<TNumber>(
        string name, string? helpName, string description, TNumber least, TNumber most, TNumber otherwise)
        where TNumber : struct, INumber<TNumber> => new(name)
        {
            Description = $"{description} {least} to {most}.",
            HelpName = helpName,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result => Within(result, name, least, most) ?? otherwise,
        };

    internal static TNumber? Within<TNumber>(ArgumentResult result, string name, TNumber least, TNumber most)
        where TNumber : struct, INumber<TNumber>
    {
        var text = result.Tokens[0].Value;
        if (TNumber.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) { return value; }
        result.AddError(FormattableString.Invariant($"{name}: expected {least} to {most}, got '{text}'"));
        return null;
    }
}
