using System.CommandLine;

namespace Tool;

/// <summary>Length of windows; null: single rows.</summary>
internal readonly record struct WindowLength(double? Seconds)
{
    private const string Row = "row";

    public override string ToString() => Seconds?.ToString("R", CultureInfo.InvariantCulture) ?? Row;

    internal static Option<WindowLength?> Option(string name, string description, double least, double most) => new(name)
    {
        Description = description,
        HelpName = $"seconds|{Row}",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text == Row) { return new WindowLength(null); }
            return Choices.Seconds(result, name, least, most, $", or {Row}") is { } seconds ? new WindowLength(seconds) : null;
        },
    };
}
