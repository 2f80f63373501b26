using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Aggregator;

/// <summary>Answers requests: the page with what belongs to it, the status, and statuses as they come.</summary>
/// <param name="feed">What is shown.</param>
/// <param name="ending">The program ends.</param>
internal sealed class DashboardPages(StatusFeed feed, CancellationToken ending)
{
    private static readonly FrozenDictionary<string, DashboardAsset> Assets = new[]
    {
        DashboardAsset.Of("/", "index.html", "text/html; charset=utf-8"),
        DashboardAsset.Of("/dashboard.css", "dashboard.css", "text/css; charset=utf-8"),
        DashboardAsset.Of("/dashboard.js", "dashboard.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/charts.js", "charts.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/favicon.svg", "favicon.svg", "image/svg+xml"),
        DashboardAsset.Of("/uplot.js", "uPlot.iife.min.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/uplot.css", "uPlot.min.css", "text/css; charset=utf-8"),
    }.ToFrozenDictionary(static a => a.Path, StringComparer.Ordinal);

    private readonly StatusEvents _events = new(feed, ending);

    /// <summary>Answers a request.</summary>
    internal Task AnswerAsync(HttpContext context)
    {
        if ((PageAnswers.Begin(context) ?? PageAnswers.RefuseWriting(context)) is { } refusal) { return refusal; }
        return context.Request.Path.Value switch
        {
            "/events" => _events.SendAsync(context),
            "/status.json" => PageAnswers.SendAsync(context, "application/json", StatusJson.Of(feed.Newest.Status)),
            { } path when Assets.TryGetValue(path, out var asset) => PageAnswers.SendAsync(context, asset.Type, asset.Bytes),
            _ => PageAnswers.SayAsync(context, StatusCodes.Status404NotFound, "not here: / is the page, /status.json the status"),
        };
    }
}
