using HeartSound.Edge.Capture;
using Microsoft.Extensions.Hosting;

namespace HeartSound.Edge.Hosting;

/// <summary>The device's work as a hosted service: begins when the host starts, ends when it stops, and stops the host when the source has ended or failed.</summary>
/// <param name="service">Does the listening.</param>
/// <param name="source">What is listened to; stays the caller's.</param>
/// <param name="examination">Length of an examination.</param>
/// <param name="lifetime">Of the host.</param>
public sealed class ListeningWorker(ListeningService service, ISampleSource source, TimeSpan examination, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Factory.StartNew(() => service.Listen(source, examination, recording: null, stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }
}
