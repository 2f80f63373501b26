namespace StreamLearn.Arrow.Tests;

/// <summary>The C# of docs/guides/files.md that is about Arrow.</summary>
internal static class ArrowGuideExamples
{
    internal static Pipeline Trim(string path) => Pipeline.Define("trim", p => p
        .FromArrow(path, new() { Time = "recorded", Narrows = true })
        .ToArrow($"{path}.trimmed.arrow"));
}
