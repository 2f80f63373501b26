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
            if (!text.AsSpan().ContainsAnyInRange('0', '9'))
            {
                result.AddError($"{name}: expected seconds or {Row}, got '{text}'");
                return null;
            }

            return Numbers.Within(result, name, least, most) is { } seconds ? new WindowLength(seconds) : null;
        },
    };
}
