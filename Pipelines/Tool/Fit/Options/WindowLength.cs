using System.CommandLine;
using System.Globalization;

namespace Tool;

/// <summary>How long a window is, in seconds; null: each row is taken by itself.</summary>
internal readonly record struct WindowLength(double? Seconds)
{
    private const string Row = "row";

    /// <summary>The length as the option says it.</summary>
    public override string ToString() => Seconds?.ToString("R", CultureInfo.InvariantCulture) ?? Row;

    /// <summary>An option for it, which may be left out.</summary>
    internal static Option<WindowLength?> Option(string name, string description, double least, double most) => new(name)
    {
        Description = description,
        HelpName = $"seconds|{Row}",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text == Row) { return new WindowLength(null); }
            if (!text.AsSpan().ContainsAnyInRange('0', '9'))
            {
                result.AddError($"{name}: expected seconds or {Row}, got '{text}'");
                return null;
            }

            return Numbers.Within(result, name, least, most) is { } seconds ? new WindowLength(seconds) : null;
        },
    };
}
