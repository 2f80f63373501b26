namespace Quickstart;
internal static class HtmlReport { internal static string Of(IReadOnlyList<RunEvent> events) => $"{events.Count}"; }
