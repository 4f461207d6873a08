import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import type { CreateGreeting } from './create-greeting.dto.js'

@Injectable()
export class AppService implements OnApplicationShutdown {
  private readonly words = new Map([
    ['en', 'hello'],
    ['de', 'hallo'],
  ])

  find(language: string): string | undefined {
    return this.words.get(language)
  }

  add({ language, word }: CreateGreeting): void {
    this.words.set(language, word)
  }

  // Runs when the worker stops, after its last response.
  onApplicationShutdown(): void {
    console.log('the database pool would be closed here')
  }
}
