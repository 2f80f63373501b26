using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace TauDemo;

/// <summary>How fast virtual time goes by.</summary>
internal enum DemoPace
{
    /// <summary>As fast as can be, but so that each round can be seen.</summary>
    Fast,

    /// <summary>As fast as time itself.</summary>
    Slow,

    /// <summary>Not at all.</summary>
    Pause,
}

/// <summary>What a viewer asks for: one of the three.</summary>
/// <param name="Command">A command to the fleet.</param>
/// <param name="Pace">How fast it goes.</param>
/// <param name="RunAgain">True: a new fleet begins.</param>
internal sealed record SessionRequest(DemoCommand? Command = null, DemoPace? Pace = null, bool RunAgain = false)
{
    /// <summary>Bytes of a request at most.</summary>
    internal const int MostBytes = 256;

    private const string Commands = "expected a command: set-case, set-delay, set-pace or run-again";
    private const string Shape = """expected {"command": NAME, "value": NUMBER OR PACE}""";

    /// <summary>Reads one.</summary>
    /// <param name="json">Such as <c>{"command": "set-case", "value": 2}</c>.</param>
    /// <param name="request">The request, if it is one.</param>
    /// <param name="reason">What was expected, if it is none.</param>
    internal static bool TryParse(
        ReadOnlyMemory<byte> json, [NotNullWhen(true)] out SessionRequest? request, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false, MaxDepth = 2 });
            request = Of(document.RootElement, out reason);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)        // or half a surrogate pair
        {
            (request, reason) = (null, Shape);
        }

        reason = request is null ? reason ?? Shape : null;
        return request is not null;
    }

    private static SessionRequest? Of(JsonElement root, out string? reason)
    {
        reason = null;
        if (root.ValueKind != JsonValueKind.Object) { return null; }
        JsonElement? name = null, value = null;
        foreach (var property in root.EnumerateObject())
        {
            if (property.NameEquals("command")) { name = property.Value; }
            else if (property.NameEquals("value")) { value = property.Value; }
            else { return null; }
        }

        if (name is not { ValueKind: JsonValueKind.String } command) { return null; }
        switch (command.GetString())
        {
            case "run-again" when value is null:
                return new(RunAgain: true);
            case "run-again":
                reason = "run-again takes no value";
                return null;
            case "set-pace":
                DemoPace? pace = value is { ValueKind: JsonValueKind.String } text ? PaceOf(text.GetString()) : null;
                reason = "expected a pace: fast, slow or pause";
                return pace is null ? null : new(Pace: pace);
            case ("set-case" or "set-delay") and { } known:
                reason = $"expected a whole number for {known}";
                if (value is not { ValueKind: JsonValueKind.Number } number || !number.TryGetInt32(out var whole)) { return null; }
                return DemoCommand.TryCreate(known, whole, out var asked, out reason) ? new(asked) : null;
            default:
                reason = Commands;
                return null;
        }
    }

    private static DemoPace? PaceOf(string? name) => name switch
    {
        "fast" => DemoPace.Fast,
        "slow" => DemoPace.Slow,
        "pause" => DemoPace.Pause,
        _ => null,
    };
}
