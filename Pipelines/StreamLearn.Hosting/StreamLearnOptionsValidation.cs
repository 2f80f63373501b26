using Microsoft.Extensions.Options;

namespace StreamLearn.Hosting;

internal sealed class StreamLearnOptionsValidation : IValidateOptions<StreamLearnOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamLearnOptions options)
    {
        var problems = new List<string>();
        if (options.DrainTimeout <= TimeSpan.Zero && options.DrainTimeout != Timeout.InfiniteTimeSpan)
        {
            problems.Add($"pipeline '{name}': expected a DrainTimeout of more than zero, or infinite, got {options.DrainTimeout}");
        }

        if (options.DrainTimeout > TimeSpan.FromDays(1))
        {
            problems.Add($"pipeline '{name}': expected a DrainTimeout of at most a day, or infinite, got {options.DrainTimeout}");
        }

        if (options.Run is null) { problems.Add($"pipeline '{name}': expected run options, got null"); }
        else if (!(options.Run.Slowdown >= 1))
        {
            problems.Add($"pipeline '{name}': expected a Slowdown of at least 1, got {options.Run.Slowdown}");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
