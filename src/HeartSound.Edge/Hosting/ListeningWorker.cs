using HeartSound.Edge.Capture;
using Microsoft.Extensions.Hosting;

namespace HeartSound.Edge.Hosting;

/// <summary>The device's work as a hosted service: begins when the host starts, ends when it stops, and stops the host when it has failed.</summary>
internal sealed class ListeningWorker(LiveDevice device, Func<CancellationToken, ISampleSource?> open, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Factory.StartNew(() => device.Listen(open, stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }
}
